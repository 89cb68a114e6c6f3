// Two images are swapped together, and go back together.
#include <gmock/gmock.h>

#include "tests/firmware/upgrade/pair_of_images.h"
#include "tests/firmware/upgrade/power_cuts.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using boards::SlotOf;
using image::mcuboot::Strategy;
using testing::Each;
using testing::ElementsAre;

struct Ends {
  PairScenario scenario;
  int last;
};

class PairSwap : public testing::TestWithParam<Ends> {};

TEST_P(PairSwap, EndsWithBothOldOrBothNewWhereverPowerGoes) {
  PairOfImages device(Strategy::kSwapMove, GetParam().scenario);
  ExpectNoFailure(CutPairEverywhere(device, GetParam().last));
}

INSTANTIATE_TEST_SUITE_P(
    PowerCuts, PairSwap,
    testing::Values(Ends{{.name = "permanent", .permanent = true}, kNew},
                    Ends{{.name = "confirmed", .confirms = true}, kNew},
                    Ends{{.name = "reverted"}, kOld},
                    Ends{{.name = "tampered", .tampered = true}, kOld},
                    Ends{{.name = "permanent_1", .align = 1, .permanent = true},
                         kNew},
                    Ends{{.name = "reverted_1", .align = 1}, kOld}),
    [](const auto& one) { return one.param.scenario.name; });

TEST(Pair, IsTriedTogetherAndGoesBackTogether) {
  PairOfImages device(Strategy::kSwapMove, {.name = "reverted"});
  EXPECT_THAT(device.Run(std::nullopt).booted, ElementsAre(kNew, kOld, kOld));
}

TEST(Pair, StaysAsItIsWhenOneWantsANewerImageThanThereIs) {
  PairScenario scenario{.name = "wants"};
  scenario.wants = 3;
  PairOfImages device(Strategy::kSwapMove, scenario);
  const PairOfImages::Course course = device.Run(std::nullopt);
  EXPECT_EQ(course.failure, "");
  EXPECT_THAT(course.booted, Each(kOld));
  EXPECT_EQ(course.refused, image::Error::kDependencyMissing);
  EXPECT_EQ(device.flash().operations(), 0U);
}

// The good one waits for its companion.
TEST(Pair, StaysAsItIsWhenOneWasTampered) {
  PairScenario scenario{.name = "tampered"};
  scenario.tampered = true;
  PairOfImages device(Strategy::kSwapMove, scenario);
  const PairOfImages::Course course = device.Run(std::nullopt);
  EXPECT_THAT(course.booted, Each(kOld));
  const std::string& waiting = device.image(kNew, 0);
  EXPECT_EQ(device.flash().Get(SlotOf(0, Slot::kSecondary), 0,
                               static_cast<std::uint32_t>(waiting.size())),
            waiting);
  EXPECT_EQ(device.flash().Get(SlotOf(1, Slot::kSecondary), 0, 64),
            std::string(64, '\xff'));
}

TEST(Pair, NamesItsImageInTheTrailerOfEach) {
  PairOfImages device(Strategy::kSwapMove,
                      {.name = "permanent", .permanent = true});
  device.Run(std::nullopt);
  EXPECT_EQ(device.flash().Get(SlotOf(0, Slot::kPrimary), kSlotSize - 40, 1),
            "\x03");
  EXPECT_EQ(device.flash().Get(SlotOf(1, Slot::kPrimary), kSlotSize - 40, 1),
            "\x13");
}

}  // namespace
}  // namespace bootseal::tests
