// What one target's bootloader demands of an image: the configuration switches
// of MCUboot and the geometry of the slot as one plain value. The server makes
// it from the policy, a device has it compiled in.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RULES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RULES_H_

#include <array>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::image::mcuboot {

enum class Presence : std::uint8_t { kOptional, kRequired, kForbidden };

// kHash: KEYHASH TLV and a key compiled in. kFull: PUBKEY TLV, whose hash is
// provisioned (MCUBOOT_HW_KEY).
enum class KeyFormat : std::uint8_t { kHash, kFull };

enum class Strategy : std::uint8_t {
  kSingleSlot,
  kOverwriteOnly,
  kSwapScratch,
  kSwapMove,
  kSwapOffset,
  kDirectXip,
  kRamLoad,
};

// What the bootloader undoes of a payload (MCUBOOT_DECOMPRESS_IMAGES).
enum class Compression : std::uint8_t { kNone, kLzma2, kLzma2ArmThumb };

// The header's flags for it.
constexpr std::uint32_t CompressionFlags(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return 0;
    case Compression::kLzma2:
      return flags::kCompressedLzma2;
    case Compression::kLzma2ArmThumb:
      return flags::kCompressedLzma2 | flags::kCompressedArmThumb;
  }
  return 0;
}

// What the image's receipt must be (transparency/embedded_receipt.h).
struct ReceiptRules {
  // kRequired: what is not in the log does not boot. kOptional: a receipt that
  // is there must be good.
  Presence presence = Presence::kRequired;
  Bytes origin;  // of the log, at most transparency::kMostOriginBytes
  // The log's keys, of which one signed the checkpoint: Ed25519,
  // SubjectPublicKeyInfo in DER. Two while one follows the other; the second
  // may be empty.
  std::array<Bytes, 2> log_keys;
};

struct Rules {
  Algorithm algorithm = Algorithm::kP256;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  KeyFormat key_format = KeyFormat::kHash;
  // DER as the device compares it. A device with kFull may leave it empty and
  // know only the hash.
  Bytes public_key;
  // hash(public_key), HashSize(hash) bytes.
  Bytes key_hash;
  // The signature is over the image itself (MCUBOOT_SIGN_PURE); Ed25519 alone.
  bool pure = false;

  std::uint32_t header_size = 0;  // exact; 32 to 65,535
  std::uint32_t slot_size = 0;    // bytes
  std::uint32_t align = 1;        // bytes written at once
  std::uint32_t max_align = 8;    // BOOT_MAX_ALIGN
  std::uint32_t sector_size = 0;  // bytes; swap strategies need it
  std::uint32_t max_sectors = 128;
  Strategy strategy = Strategy::kSingleSlot;

  bool allow_list = false;  // USE_TLV_ALLOW_LIST

  Presence security_counter = Presence::kOptional;  // HW_ROLLBACK_PROT
  std::uint32_t minimum_security_counter = 0;       // the device's own
  std::uint32_t security_counter_ceiling = 0;       // 0: none

  Presence boot_record = Presence::kOptional;  // MEASURED_BOOT
  Bytes software_type;                         // empty: any
  std::uint32_t max_boot_record_size = 132;    // MAX_BOOT_RECORD_SZ

  Presence dependency = Presence::kOptional;
  std::uint32_t image_count = 1;

  std::uint32_t load_address = 0;  // exact header field; 0 without RAM_LOAD
  std::uint32_t rom_fixed = 0;     // the same with ROM_FIXED; 0 without it
  bool non_bootable = false;       // the flag, exactly: never to be started

  Bytes vendor_uuid = {};  // UUID_VID, 16 bytes; empty: any or none
  Bytes class_uuid = {};   // UUID_CID

  Presence encryption = Presence::kForbidden;  // ENC_IMAGES
  std::uint32_t encryption_key_bits = 128;     // of the content key
  std::uint16_t encryption_tlv = 0;            // the one ENC_* type
  // An encrypted image has it: as a device gets the file, not as it is signed.
  bool encryption_tlv_required = false;
  // The trailer keeps that TLV's value, not the key (SWAP_SAVE_ENCTLV).
  bool save_encryption_tlv = false;
  Compression compression = Compression::kNone;  // plain images are taken, too

  // Where the device sees the slot's first byte, for images that run in place,
  // and the memory in which their first stack must lie. 0: not told; the
  // payload's vectors are then the device's own affair.
  std::uint32_t slot_address = 0;
  std::uint32_t ram_address = 0;
  std::uint32_t ram_size = 0;  // bytes

  const ReceiptRules* receipt = nullptr;  // null: receipts are not looked at
};

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RULES_H_
