// Writes the parts of an MCUboot image that the payload lacks. Signing code of
// server and client; never linked into a device.
//
// Order and bytes are imgtool's (facts: mcuboot 1.6, 7.1):
//   header padding and 32-byte header, then the payload, then
//   protected:   SEC_CNT, BOOT_RECORD, DEPENDENCY..., DECOMP_*..., vendor TLVs
//                in order
//   unprotected: SHA*, SIG_PURE, KEYHASH, PUBKEY or KEYID, signature, receipt,
//                ENC_*
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_WRITER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_WRITER_H_

#include <cstdint>
#include <span>

#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot {

struct Dependency {
  std::uint8_t image_id = 0;
  Version minimum;
};

struct Vendor {
  std::uint16_t type = 0;
  Bytes value;
};

// The protected TLVs of one image. Absent ones have their switch off.
struct ProtectedTlvs {
  bool has_security_counter = false;
  std::uint32_t security_counter = 0;
  Bytes software_type;  // empty: no boot record
  std::span<const Dependency> dependencies;
  std::span<const Vendor> decompression = {};  // DECOMP_*, COMP_DEC_SIZE
  std::span<const Vendor> vendor;              // UUID_* and vendor types
};

// What follows the digest in the unprotected area.
struct UnprotectedTlvs {
  Bytes signature;  // empty: an unsigned image, without a key TLV either
  bool has_key_id = false;  // KEYID instead of what rules.key_format says
  std::uint32_t key_id = 0;
  bool pure = false;   // the signature is over the range itself: SIG_PURE
  Bytes receipt = {};  // of the audit log, behind the signature; empty: none
  Vendor encryption = {};  // ENC_*; type 0: none
};

// Writes header.header_size bytes: the struct, then `padding`. kBufferTooSmall,
// kHeaderSize.
Result<Bytes> WriteHeader(const Header& header, std::byte padding,
                          MutableBytes buffer);

// Writes the protected area, empty when there is no TLV in it. The boot record
// names version, signer (rules.key_hash) and rules.hash. kBufferTooSmall,
// kTlvLength when an area or a value exceeds its field.
Result<Bytes> WriteProtected(const Rules& rules, const Version& version,
                             const ProtectedTlvs& tlvs, MutableBytes buffer);

// Writes the unprotected area. kRules, kTlvLength, kBufferTooSmall.
Result<Bytes> WriteUnprotected(const Rules& rules, const Digest& digest,
                               const UnprotectedTlvs& tlvs,
                               MutableBytes buffer);
// The same with nothing but key and signature; kSignatureLength when that is
// empty.
Result<Bytes> WriteUnprotected(const Rules& rules, const Digest& digest,
                               Bytes signature, MutableBytes buffer);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_WRITER_H_
