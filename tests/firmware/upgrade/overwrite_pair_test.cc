// Two images are overwritten together.
#include <gmock/gmock.h>

#include "tests/firmware/upgrade/pair_of_images.h"
#include "tests/firmware/upgrade/power_cuts.h"

namespace bootseal::tests {
namespace {

using image::mcuboot::Strategy;
using testing::Each;

struct Ends {
  PairScenario scenario;
  int last;
};

class PairOverwrite : public testing::TestWithParam<Ends> {};

TEST_P(PairOverwrite, EndsWithBothOldOrBothNewWhereverPowerGoes) {
  PairOfImages device(Strategy::kOverwriteOnly, GetParam().scenario);
  ExpectNoFailure(CutPairEverywhere(device, GetParam().last));
}

INSTANTIATE_TEST_SUITE_P(
    PowerCuts, PairOverwrite,
    testing::Values(Ends{{.name = "asked"}, kNew},
                    Ends{{.name = "confirmed", .confirms = true}, kNew},
                    Ends{{.name = "tampered", .tampered = true}, kOld},
                    Ends{{.name = "asked_1", .align = 1}, kNew}),
    [](const auto& one) { return one.param.scenario.name; });

TEST(Pair, IsNotOverwrittenWhenOneWantsANewerImageThanThereIs) {
  PairScenario scenario{.name = "wants"};
  scenario.wants = 3;
  PairOfImages device(Strategy::kOverwriteOnly, scenario);
  const PairOfImages::Course course = device.Run(std::nullopt);
  EXPECT_THAT(course.booted, Each(kOld));
  EXPECT_EQ(course.refused, image::Error::kDependencyMissing);
  EXPECT_EQ(device.flash().operations(), 0U);
}

}  // namespace
}  // namespace bootseal::tests
