// Power goes at every operation of every overwrite.
#include <gmock/gmock.h>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "tests/firmware/upgrade/power_cuts.h"
#include "tests/firmware/upgrade/scenarios.h"

namespace bootseal::tests {
namespace {

using boards::Slot;
using image::mcuboot::Strategy;

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

// The first write into the primary slot, in which the header lies.
std::uint64_t FirstCopy(PowerCuts& device) {
  device.Run({});
  const std::vector<Operation>& log = device.flash().log();
  std::uint64_t number = 0;
  while (log[number].kind != Operation::Kind::kWrite) ++number;
  return number;
}

TEST(Overwrite, KeepsTheNewImageUntilItsCopyIsVerified) {
  Scenario scenario{.name = "spoilt"};
  scenario.old_end = 2000;
  scenario.new_end = 3000;
  PowerCuts device(Strategy::kOverwriteOnly, scenario);
  const std::uint64_t copy = FirstCopy(device);
  device.Reset();
  device.flash().SpoilAt(copy);
  EXPECT_FALSE(Choose(device.rules()).image.ok());
  EXPECT_TRUE(device.SecondaryAsks());
  const upgrade::Outcome again = Choose(device.rules());
  ASSERT_TRUE(again.image.ok());
  EXPECT_EQ(again.image->version().major, kNew);
  EXPECT_FALSE(device.SecondaryAsks());
}

// Everything that the primary slot's trailer said was of the old image.
TEST(Overwrite, LeavesATrailerThatAnApplicationCanConfirm) {
  Scenario scenario{.name = "trailer"};
  scenario.old_end = 2000;
  scenario.new_end = 3000;
  PowerCuts device(Strategy::kOverwriteOnly, scenario);
  device.flash().Put(Slot::kPrimary, kSlotSize - 48, std::string(48, '\x55'));
  ASSERT_TRUE(Choose(device.rules()).image.ok());
  const std::string trailer =
      device.flash().Get(Slot::kPrimary, kSlotSize - 48, 48);
  EXPECT_EQ(trailer.substr(0, 32), std::string(32, '\xff'));
  EXPECT_EQ(trailer.substr(32, 4), "\x77\xc2\x95\xf3");
}

TEST(Overwrite, IsNotAskedForByAPrimaryTrailerThatWouldRevert) {
  Scenario scenario{.name = "revert"};
  scenario.old_end = 2000;
  scenario.new_end = 3000;
  PowerCuts device(Strategy::kOverwriteOnly, scenario);
  device.ResetWithoutTrailer();
  device.PutMagic(Slot::kPrimary);
  device.flash().Put(Slot::kPrimary, kSlotSize - 32, "\x01");
  const upgrade::Outcome outcome = Choose(device.rules());
  ASSERT_TRUE(outcome.image.ok());
  EXPECT_EQ(outcome.image->version().major, kOld);
  EXPECT_EQ(device.flash().operations(), 0U);
}

class EveryOverwrite : public testing::TestWithParam<Scenario> {};

TEST_P(EveryOverwrite, EndsWithAVerifiedImageWhereverPowerGoes) {
  PowerCuts device(Strategy::kOverwriteOnly, GetParam());
  const CutTally tally = device.CutEverywhere(
      [&device](const Course& course) { return JudgeFinal(device, course); });
  ExpectNoFailure(tally);
}

INSTANTIATE_TEST_SUITE_P(PowerCuts, EveryOverwrite, testing::ValuesIn(All()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace bootseal::tests
