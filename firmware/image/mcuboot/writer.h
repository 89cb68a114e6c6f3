// Writes the parts of an MCUboot image that the payload lacks. Signing code of
// server and client; never linked into a device.
//
// Order and bytes are imgtool's (facts: mcuboot 1.6, 7.1):
//   header padding and 32-byte header, then the payload, then
//   protected:   SEC_CNT, BOOT_RECORD, DEPENDENCY..., vendor TLVs in order
//   unprotected: SHA*, KEYHASH or PUBKEY, signature
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
  std::span<const Vendor> vendor;
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

// Writes the unprotected area.
Result<Bytes> WriteUnprotected(const Rules& rules, const Digest& digest,
                               Bytes signature, MutableBytes buffer);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_WRITER_H_
