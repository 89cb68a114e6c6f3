// What the trailers of an image's two slots ask of the bootloader: MCUboot's
// table, row by row. Source: MCUboot boot/bootutil/src/bootutil_public.c;
// facts: mcuboot 3.9. Freestanding; thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_SWAP_TYPE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_SWAP_TYPE_H_

#include <cstdint>

#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::mcuboot {

// As the low half of swap_info numbers them.
enum class SwapType : std::uint8_t {
  kNone = 1,
  kTest = 2,
  kPermanent = 3,
  kRevert = 4,
};

// Good: all 16 bytes, for the target's max-align. Unset: erased.
enum class MagicState : std::uint8_t { kUnset, kGood, kBad };
enum class FlagState : std::uint8_t { kUnset, kSet, kBad };

struct TrailerState {
  MagicState magic = MagicState::kUnset;
  FlagState image_ok = FlagState::kUnset;
  FlagState copy_done = FlagState::kUnset;
  friend constexpr bool operator==(const TrailerState&,
                                   const TrailerState&) = default;
};

// The first row that matches; kNone when there is none.
SwapType DecideSwap(Strategy strategy, const TrailerState& primary,
                    const TrailerState& secondary);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_SWAP_TYPE_H_
