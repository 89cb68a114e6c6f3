// What a device has beside its slots: keys in OTP, counters, a place for data
// that it hands on. Which of these a bootloader uses is chosen at link time:
// firmware/provision writes the list of its parts. Most have none, and none of
// this code.
#ifndef BOOTSEAL_FIRMWARE_BOOT_DEVICE_H_
#define BOOTSEAL_FIRMWARE_BOOT_DEVICE_H_

#include <array>
#include <cstdint>
#include <span>

#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"
#include "firmware/image/verified.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::boot {

// What is known when all images were verified and nothing is written any more.
struct Handover {
  upgrade::Images images;
  std::array<const image::Verified*, upgrade::kMostImages> verified{};
  // The device's own, after they were raised; all zeros without counters.
  std::array<std::uint32_t, upgrade::kMostImages> counters{};
  bool has_counters = false;
};

// Either function may be null. An error of either starts nothing.
struct Part {
  // Before anything is verified: what the device says takes the place of what
  // was compiled in. kRules: it holds no key.
  image::Error (*adjust)(image::mcuboot::Rules& rules, std::uint8_t image);
  // Before the jump, in the order of the list.
  image::Error (*hand_over)(Handover& handover);
};

// otp_key.cc: the hash of each image's key is in OTP (boards/otp.h).
// MCUBOOT_HW_KEY.
extern const Part kOtpKey;
// board_counters.cc: no image below the board's counter starts, and the counter
// goes up to it once there is no way back (boards/counters.h).
// MCUBOOT_HW_ROLLBACK_PROT.
extern const Part kBoardCounters;
// measured_boot.cc: boot records, and what else TF-M or MCUboot writes, in the
// shared area (boards/shared_data.h, shared_data.h). Behind kBoardCounters.
// MCUBOOT_MEASURED_BOOT, MCUBOOT_DATA_SHARING.
extern const Part kTfmMeasuredBoot;
extern const Part kMcubootMeasuredBoot;

// What the boot flow calls: before anything is verified, and before the jump.
// plain_device.cc has them for devices of one image without parts. For others
// firmware/provision writes some that call those below; with parts, it makes
// kImages the adjusted rules.
void PrepareDevice();
void HandOver(const image::Verified& started);

using Parts = std::span<const Part* const>;

// Copies of the rules that were compiled in, one for each image: what
// AdjustRules made of them.
extern const image::mcuboot::Rules* const kAdjustedRules[upgrade::kMostImages];
image::Error AdjustRules(Parts parts, upgrade::Images compiled_in);

// kFault when there is no proof for each of `images`: `started` is image 0's,
// the other one the strategy's.
image::Error HandOverTo(Parts parts, upgrade::Images images,
                        const image::Verified& started);

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_DEVICE_H_
