// Swaps on the NUCLEO-L552ZE-Q: power goes in every doubleword and every page.
#include <gmock/gmock.h>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/firmware/boards/nucleo_device.h"

namespace bootseal::tests {
namespace {

constexpr auto kStrategy = image::mcuboot::Strategy::kSwapMove;
constexpr std::uint32_t kLargest = 0xffff;

int FinalOf(const NucleoScenario& scenario) {
  if (scenario.tampered) return kOldVersion;
  const bool stays =
      scenario.permanent || scenario.confirms || scenario.old_end == 0;
  return stays ? kNewVersion : kOldVersion;
}

// The reset comes between the end of the swap and the application's word: to
// the bootloader an image that was tried and did not confirm itself.
bool LosesTheTrial(const NucleoDevice& device, const FlashOperation& cut) {
  const auto layout = image::mcuboot::LayOutTrailer(device.rules());
  return !cut.is_erasure &&
         (cut.offset == NucleoDevice::Primary(0, layout.copy_done) ||
          cut.offset == NucleoDevice::Primary(0, layout.image_ok));
}

std::string JudgeFinal(const NucleoDevice& device, const NucleoCourse& course) {
  const NucleoScenario& scenario = device.scenario();
  const bool may_go_back = !scenario.permanent && !scenario.tampered &&
                           scenario.old_end != 0 && course.cut &&
                           LosesTheTrial(device, course.cut_in);
  const int last = course.booted.back();
  if (last != FinalOf(scenario) && !(may_go_back && last == kOldVersion)) {
    return absl::StrCat("ends with version ", last);
  }
  const bool tried = absl::c_linear_search(course.booted, kNewVersion);
  if (scenario.tampered && tried) return "booted a tampered image";
  if (!scenario.tampered && !tried && !may_go_back) return "was never tried";
  if (scenario.tampered || scenario.old_end == 0) return "";
  const int other = last == kOldVersion ? kNewVersion : kOldVersion;
  return device.Holds(NucleoDevice::Secondary(0), other, 0)
             ? ""
             : "the other image is gone";
}

class NucleoSwap : public testing::TestWithParam<NucleoScenario> {};

TEST_P(NucleoSwap, EndsWithAVerifiedImageWhereverPowerGoes) {
  NucleoDevice device(kStrategy, GetParam());
  const CutTally tally =
      device.CutEverywhere([&device](const NucleoCourse& course) {
        return JudgeFinal(device, course);
      });
  ExpectNoFailure(tally);
}

INSTANTIATE_TEST_SUITE_P(
    PowerCuts, NucleoSwap,
    testing::Values(NucleoScenario{.name = "permanent", .permanent = true},
                    NucleoScenario{.name = "confirmed", .confirms = true},
                    NucleoScenario{
                        .name = "reverted", .old_end = 700, .new_end = 555},
                    NucleoScenario{.name = "growing",
                                   .old_end = 600,
                                   .new_end = kLargest,
                                   .permanent = true},
                    NucleoScenario{.name = "first", .old_end = 0},
                    NucleoScenario{.name = "tampered", .tampered = true},
                    NucleoScenario{.name = "one_bank",
                                   .two_banks = false,
                                   .sector_size = 0x1000,
                                   .old_end = 700,
                                   .new_end = 0x1000,
                                   .confirms = true},
                    NucleoScenario{.name = "sectors_of_two_pages",
                                   .sector_size = 0x1000,
                                   .old_end = 700,
                                   .new_end = 555}),
    [](const auto& one) { return one.param.name; });

TEST(NucleoSwapGeometry, IsRefusedWhenTheChipHasLargerPages) {
  NucleoDevice device(kStrategy, {.name = "small", .two_banks = false});
  EXPECT_EQ(device.Run(nullptr).failure,
            "no boot: rules of the target are inconsistent");
}

}  // namespace
}  // namespace bootseal::tests
