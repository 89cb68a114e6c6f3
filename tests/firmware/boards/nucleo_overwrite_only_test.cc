// Overwrites on the NUCLEO-L552ZE-Q, which is what TF-M does there: power goes
// in every doubleword and every page.
#include <gmock/gmock.h>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "tests/firmware/boards/nucleo_device.h"

namespace bootseal::tests {
namespace {

constexpr auto kStrategy = image::mcuboot::Strategy::kOverwriteOnly;
constexpr std::uint32_t kLargest = 0xffff;

std::string JudgeFinal(const NucleoDevice& device, const NucleoCourse& course) {
  const NucleoScenario& scenario = device.scenario();
  const int expected = scenario.tampered ? kOldVersion : kNewVersion;
  if (course.booted.back() != expected) {
    return absl::StrCat("ends with version ", course.booted.back());
  }
  if (scenario.tampered && absl::c_linear_search(course.booted, kNewVersion)) {
    return "booted a tampered image";
  }
  for (int image = 0; image < scenario.images; ++image) {
    if (!device.Holds(NucleoDevice::Primary(image), expected, image)) {
      return absl::StrCat("image ", image, " is another");
    }
  }
  return "";
}

class NucleoOverwrite : public testing::TestWithParam<NucleoScenario> {};

TEST_P(NucleoOverwrite, EndsWithAVerifiedImageWhereverPowerGoes) {
  NucleoDevice device(kStrategy, GetParam());
  const CutTally tally =
      device.CutEverywhere([&device](const NucleoCourse& course) {
        return JudgeFinal(device, course);
      });
  ExpectNoFailure(tally);
}

INSTANTIATE_TEST_SUITE_P(
    PowerCuts, NucleoOverwrite,
    testing::Values(NucleoScenario{.name = "permanent", .permanent = true},
                    NucleoScenario{.name = "confirmed", .confirms = true},
                    NucleoScenario{
                        .name = "growing", .old_end = 600, .new_end = kLargest},
                    NucleoScenario{.name = "first", .old_end = 0},
                    NucleoScenario{.name = "tampered", .tampered = true},
                    NucleoScenario{.name = "two_images", .images = 2},
                    NucleoScenario{.name = "two_images_of_tfm_sectors",
                                   .sector_size = 0x1000,
                                   .images = 2,
                                   .old_end = 600,
                                   .new_end = 700},
                    NucleoScenario{.name = "one_bank",
                                   .two_banks = false,
                                   .sector_size = 0x1000,
                                   .images = 2}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace bootseal::tests
