// Power goes at every operation of every swap.
#include <gmock/gmock.h>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/firmware/upgrade/power_cuts.h"
#include "tests/firmware/upgrade/scenarios.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::mcuboot::Strategy;

constexpr Strategy kStrategy = Strategy::kSwapMove;

std::vector<Scenario> All() {
  std::vector<Scenario> all;
  for (const Scenario& kind :
       {Scenario{.name = "permanent", .permanent = true},
        Scenario{.name = "confirmed", .confirms = true},
        Scenario{.name = "reverted"},
        Scenario{.name = "tampered", .tampered = true}}) {
    for (const Scenario& one : InEverySize(kind)) {
      // With nothing in either slot there is nothing to boot.
      if (one.tampered && one.old_end == 0) continue;
      all.push_back(one);
    }
  }
  return all;
}

int FinalOf(const Scenario& scenario) {
  if (scenario.tampered) return kOld;
  // Without an old image there is none to go back to.
  const bool stays =
      scenario.permanent || scenario.confirms || scenario.old_end == 0;
  return stays ? kNew : kOld;
}

// The reset comes between the end of the swap and the application's word: to
// the bootloader an image that was tried and did not confirm itself.
bool LosesTheTrial(const PowerCuts& device, const Operation& cut) {
  const auto layout = image::mcuboot::LayOutTrailer(device.rules());
  return cut.kind == Operation::Kind::kWrite && cut.slot == Slot::kPrimary &&
         (cut.offset == layout.copy_done || cut.offset == layout.image_ok);
}

std::string JudgeFinal(PowerCuts& device, const Course& course) {
  const Scenario& scenario = device.scenario();
  const bool may_go_back = !scenario.permanent && !scenario.tampered &&
                           scenario.old_end != 0 && course.cut &&
                           LosesTheTrial(device, *course.cut);
  const int last = course.booted.back();
  if (last != FinalOf(scenario) && !(may_go_back && last == kOld)) {
    return absl::StrCat("ends with version ", last);
  }
  const bool tried = absl::c_linear_search(course.booted, kNew);
  if (scenario.tampered && tried) return "booted a tampered image";
  if (!scenario.tampered && !tried && !may_go_back) return "was never tried";
  if (scenario.tampered || scenario.old_end == 0) return "";
  const std::string& other = device.image(last == kOld ? kNew : kOld);
  const auto size = static_cast<std::uint32_t>(other.size());
  return device.flash().Get(Slot::kSecondary, 0, size) == other
             ? ""
             : "the other image is gone";
}

class EverySwap : public testing::TestWithParam<Scenario> {};

TEST_P(EverySwap, EndsWithAVerifiedImageWhereverPowerGoes) {
  PowerCuts device(kStrategy, GetParam());
  const CutTally tally = device.CutEverywhere(
      [&device](const Course& course) { return JudgeFinal(device, course); });
  ExpectNoFailure(tally);
}

INSTANTIATE_TEST_SUITE_P(PowerCuts, EverySwap, testing::ValuesIn(All()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace bootseal::tests
