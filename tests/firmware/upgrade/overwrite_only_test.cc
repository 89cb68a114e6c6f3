// Power goes at every operation of every overwrite.
#include <gmock/gmock.h>

#include <iostream>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "tests/firmware/upgrade/power_cuts.h"
#include "tests/firmware/upgrade/scenarios.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::mcuboot::Strategy;
using testing::IsEmpty;

std::vector<Scenario> All() {
  std::vector<Scenario> all;
  for (const Scenario& kind :
       {Scenario{.name = "test"},
        Scenario{.name = "permanent", .permanent = true},
        Scenario{.name = "confirmed", .confirms = true},
        Scenario{.name = "tampered", .tampered = true}}) {
    for (const Scenario& one : InEverySize(kind)) {
      // With nothing in either slot there is nothing to boot.
      if (one.tampered && one.old_end == 0) continue;
      all.push_back(one);
    }
  }
  return all;
}

std::string JudgeFinal(PowerCuts& device, const Course& course) {
  const bool tampered = device.scenario().tampered;
  const int last = course.booted.back();
  if (last != (tampered ? kOld : kNew)) {
    return absl::StrCat("ends with version ", last);
  }
  if (tampered && absl::c_linear_search(course.booted, kNew)) {
    return "booted a tampered image";
  }
  // The last erasure may have been torn; what it left asks for nothing.
  return device.SecondaryAsks() ? "the secondary slot still asks" : "";
}

class EveryOverwrite : public testing::TestWithParam<Scenario> {};

TEST_P(EveryOverwrite, EndsWithAVerifiedImageWhereverPowerGoes) {
  PowerCuts device(Strategy::kOverwriteOnly, GetParam());
  const PowerCuts::Tally tally =
      device.CutEverywhere([&device](const Course& course, const Cut&) {
        return JudgeFinal(device, course);
      });
  EXPECT_THAT(tally.failures, IsEmpty());
  EXPECT_GT(tally.runs, 7 * tally.operations - 1);
  std::cout << "power cuts: " << tally.runs << " at " << tally.operations
            << " operations, " << tally.failures.size() << " failures\n";
}

INSTANTIATE_TEST_SUITE_P(PowerCuts, EveryOverwrite, testing::ValuesIn(All()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace bootseal::tests
