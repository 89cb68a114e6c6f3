// Can these rules be followed by any image at all?
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_CONSISTENCY_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_CONSISTENCY_H_

#include "firmware/image/algorithm.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/mcuboot/slot_arithmetic.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::mcuboot {
namespace consistency {

// Only Ed25519 leaves a choice of hash, and none when it signs the image
// itself. Facts: mcuboot 1.7.
constexpr bool HashFits(const Rules& rules) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  if (traits == nullptr) return false;
  if (rules.hash == traits->hash) return !rules.pure;
  return rules.algorithm == Algorithm::kEd25519 &&
         rules.hash == HashAlgorithm::kSha512;
}

constexpr bool KeyFits(const Rules& rules) {
  if (rules.key_hash.size() != HashSize(rules.hash)) return false;
  return rules.key_format == KeyFormat::kFull || !rules.public_key.empty();
}

constexpr bool IsPowerOfTwo(std::uint32_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

constexpr bool GeometryFits(const Rules& rules) {
  constexpr std::uint32_t kMaxHeaderSize = 0xffff;
  return rules.header_size >= kHeaderBytes &&
         rules.header_size <= kMaxHeaderSize && IsPowerOfTwo(rules.align) &&
         rules.align <= 32 && IsPowerOfTwo(rules.max_align) &&
         rules.max_align >= 8 && rules.max_align <= 32 &&
         rules.align <= rules.max_align && arithmetic::MaxImageEnd(rules) != 0;
}

// A RAM-loading device needs to know where to; no image loads to address 0.
// Slots at fixed places are for those that run their images there.
constexpr bool AddressFits(const Rules& rules) {
  const bool loads = rules.strategy == Strategy::kRamLoad;
  const bool fixed = rules.rom_fixed != 0;
  return loads == (rules.load_address != 0) &&
         (!fixed || rules.strategy == Strategy::kDirectXip);
}

constexpr bool IsUuidOrNone(Bytes uuid) {
  return uuid.empty() || uuid.size() == kUuidBytes;
}

constexpr bool EncryptionFits(const Rules& rules) {
  if (rules.encryption == Presence::kForbidden) return true;
  const std::uint32_t bits = rules.encryption_key_bits;
  return (bits == 128 || bits == 256) && IsEncryption(rules.encryption_tlv);
}

}  // namespace consistency

constexpr bool AreConsistent(const Rules& rules) {
  using namespace consistency;
  return HashFits(rules) && KeyFits(rules) && GeometryFits(rules) &&
         AddressFits(rules) && IsUuidOrNone(rules.vendor_uuid) &&
         IsUuidOrNone(rules.class_uuid) && EncryptionFits(rules);
}

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_CONSISTENCY_H_
