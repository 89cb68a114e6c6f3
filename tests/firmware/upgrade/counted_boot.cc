#include "tests/firmware/upgrade/counted_boot.h"

#include <gtest/gtest.h>

#include <string>

#include "firmware/boards/counters.h"
#include "firmware/boot/device.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/firmware/upgrade/power_cuts.h"
#include "tests/firmware/upgrade/simulated_flash.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::Error;
using image::mcuboot::Rules;
using image::mcuboot::Strategy;

// The major version in the header.
int VersionIn(Slot slot) {
  return SimulatedFlash::Current().Get(slot, 20, 1)[0];
}

// As MCUboot tells an image that was swapped in and never confirmed.
bool IsOnTrial(const Rules& rules, Slot slot) {
  const auto layout = image::mcuboot::LayOutTrailer(rules);
  const SimulatedFlash& flash = SimulatedFlash::Current();
  return rules.strategy == Strategy::kSwapMove &&
         flash.Get(slot, layout.magic, 16) ==
             image::host::ToString(
                 image::mcuboot::TrailerMagicOf(rules.max_align)) &&
         flash.Get(slot, layout.image_ok, 1) == "\xff";
}

void CheckCounter(const Rules& rules, std::uint8_t number) {
  const Slot slot = boards::SlotOf(number, Slot::kPrimary);
  const int version = VersionIn(slot);
  const image::Result<std::uint32_t> counter = boards::ReadCounter(number);
  ASSERT_TRUE(counter.ok());
  if (IsOnTrial(rules, slot)) {
    // At most what the image before had, if there was one.
    EXPECT_LE(*counter, CounterOf(version - 1));
  } else {
    EXPECT_LE(*counter, CounterOf(version));
  }
}

}  // namespace

upgrade::Outcome BootWithCounters(upgrade::Images compiled_in) {
  constexpr const boot::Part* kParts[] = {&boot::kBoardCounters};
  const Error adjusted = boot::AdjustRules(kParts, compiled_in);
  if (adjusted != Error::kOk) return {adjusted};
  const upgrade::Images images(boot::kAdjustedRules, compiled_in.size());
  upgrade::Outcome outcome = upgrade::Choose(images);
  if (!outcome.image.ok()) return outcome;
  const Error handed_over = boot::HandOverTo(kParts, images, *outcome.image);
  if (handed_over != Error::kOk) {
    outcome.image = handed_over;
    return outcome;
  }
  for (std::uint8_t number = 0; number < images.size(); ++number) {
    CheckCounter(*images[number], number);
  }
  return outcome;
}

}  // namespace bootseal::tests
