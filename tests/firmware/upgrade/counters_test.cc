// Power goes at every operation of upgrades on a device with counters, those of
// raising one among them.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "firmware/boards/counters.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/firmware/upgrade/counted_boot.h"
#include "tests/firmware/upgrade/pair_of_images.h"
#include "tests/firmware/upgrade/power_cuts.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::Error;
using image::mcuboot::Strategy;

// The one that this program is linked with.
constexpr Strategy kStrategy = Strategy::BOOTSEAL_STRATEGY;
constexpr bool kSwaps = kStrategy == Strategy::kSwapMove;

std::vector<Scenario> All() {
  struct Variation {
    const char* name;
    std::uint32_t align, max_align, old_end, new_end;
  };
  constexpr Variation kVariations[] = {
      {"odd_1", 1, 8, 2 * kSectorSize + 1, kSectorSize + 333},
      {"growing_8", 8, 8, 900, 5 * kSectorSize},
      {"small_32", 32, 32, 700, 655},
      {"first_8", 8, 8, 0, 3 * kSectorSize - 1},
  };
  std::vector<Scenario> all;
  for (const Scenario& kind :
       {Scenario{.name = "permanent", .permanent = true},
        Scenario{.name = "confirmed", .confirms = true},
        Scenario{.name = "reverted"},
        Scenario{.name = "tampered", .tampered = true}}) {
    for (const Variation& variation : kVariations) {
      Scenario one = kind;
      one.name = absl::StrCat(kind.name, "_", variation.name);
      one.align = variation.align;
      one.max_align = variation.max_align;
      one.old_end = variation.old_end;
      one.new_end = variation.new_end;
      one.counted = true;
      if (one.tampered && one.old_end == 0) continue;
      all.push_back(one);
    }
  }
  return all;
}

// With image_ok half written nobody goes back and nothing is raised.
bool LosesTheConfirmation(const PowerCuts& device, const Course& course) {
  const auto layout = image::mcuboot::LayOutTrailer(device.rules());
  return course.cut && course.cut->slot == Slot::kPrimary &&
         course.cut->kind == Operation::Kind::kWrite &&
         course.cut->offset == layout.image_ok;
}

// The image that boots from now on counts, and the one before does not come
// back.
std::string JudgeFinal(PowerCuts& device, const Course& course) {
  const int last = course.booted.back();
  const std::uint32_t counter = *boards::ReadCounter(0);
  if (counter != CounterOf(last)) {
    return LosesTheConfirmation(device, course) && counter < CounterOf(last)
               ? ""
               : absl::StrCat("version ", last, " with counter ", counter);
  }
  if (last == kOld || device.scenario().old_end == 0) return "";
  device.flash().Put(Slot::kSecondary, 0, device.image(kOld));
  device.PutMagic(Slot::kSecondary);
  const auto layout = image::mcuboot::LayOutTrailer(device.rules());
  device.flash().Put(Slot::kSecondary, layout.image_ok, "\x01");
  const upgrade::Outcome outcome = device.Boot();
  if (outcome.refused != Error::kSecurityCounterLow) return "it came back";
  return outcome.image.ok() && outcome.image->version().major == kNew
             ? ""
             : "nothing boots after a rollback was refused";
}

class EveryCountedUpgrade : public testing::TestWithParam<Scenario> {};

TEST_P(EveryCountedUpgrade, KeepsABootableImageAndItsCounterWhereverPowerGoes) {
  PowerCuts device(kStrategy, GetParam(), BootWithCounters);
  const CutTally tally = device.CutEverywhere(
      [&device](const Course& course) { return JudgeFinal(device, course); });
  ExpectNoFailure(tally);
}

INSTANTIATE_TEST_SUITE_P(PowerCuts, EveryCountedUpgrade,
                         testing::ValuesIn(All()),
                         [](const auto& one) { return one.param.name; });

class EveryCountedPair : public testing::TestWithParam<PairScenario> {};

TEST_P(EveryCountedPair, KeepsTwoBootableImagesWhereverPowerGoes) {
  PairOfImages device(kStrategy, GetParam(), BootWithCounters);
  const bool stays = !GetParam().tampered &&
                     (!kSwaps || GetParam().permanent || GetParam().confirms);
  ExpectNoFailure(CutPairEverywhere(device, stays ? kNew : kOld));
  // Without a cut both count.
  device.Run(std::nullopt);
  for (std::uint8_t number = 0; number < 2; ++number) {
    EXPECT_EQ(*boards::ReadCounter(number), CounterOf(stays ? kNew : kOld));
  }
}

INSTANTIATE_TEST_SUITE_P(
    PowerCuts, EveryCountedPair,
    testing::Values(
        PairScenario{.name = "permanent", .permanent = true, .counted = true},
        PairScenario{.name = "confirmed", .confirms = true, .counted = true},
        PairScenario{.name = "reverted", .counted = true},
        PairScenario{.name = "tampered", .tampered = true, .counted = true}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace bootseal::tests
