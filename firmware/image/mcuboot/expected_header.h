// What the header of every image of a target says, for those who write one and
// those who judge it. Facts: mcuboot 1.2, 1.3.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_EXPECTED_HEADER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_EXPECTED_HEADER_H_

#include <cstdint>

#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::mcuboot {

// Those that depend on the single image (encryption, compression) are left out.
constexpr std::uint32_t ExpectedFlags(const Rules& rules) {
  std::uint32_t expected = 0;
  if (rules.load_address != 0) expected |= flags::kRamLoad;
  if (rules.rom_fixed != 0) expected |= flags::kRomFixed;
  if (rules.non_bootable) expected |= flags::kNonBootable;
  return expected;
}

// The flag of the target's encrypted images.
constexpr std::uint32_t EncryptionFlag(const Rules& rules) {
  return rules.encryption_key_bits == 256 ? flags::kEncryptedAes256
                                          : flags::kEncryptedAes128;
}

// One field for both: they exclude one another.
constexpr std::uint32_t ExpectedAddress(const Rules& rules) {
  return rules.rom_fixed != 0 ? rules.rom_fixed : rules.load_address;
}

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_EXPECTED_HEADER_H_
