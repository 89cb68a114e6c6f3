#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/glitch/campaign.h"
#include "tests/glitch/flips.h"
#include "tests/glitch/scenario.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::Strategy;
using testing::HasSubstr;
using testing::IsEmpty;

// One of so many faults is tried; 1: all of them, in all scenarios.
unsigned Every() {
  constexpr unsigned kSample = 100;
  const char* set = std::getenv("BOOTSEAL_GLITCH_EVERY");
  unsigned every = kSample;
  return set != nullptr && absl::SimpleAtoi(set, &every) && every > 0 ? every
                                                                      : kSample;
}

Limits LimitsOf(const Setting& setting) {
  Limits limits;
  limits.budget = setting.budget();
  limits.every = Every();
  return limits;
}

class Glitch : public testing::TestWithParam<Scenario> {};

TEST_P(Glitch, StartsNothingThatIsRefused) {
  const Setting setting(GetParam());
  const Report report =
      Disturb(setting.board(), setting.permitted(), LimitsOf(setting));
  std::cout << GetParam().name() << ": " << Summary(report) << std::endl;
  EXPECT_THAT(report.log, HasSubstr(": refused: "));
  EXPECT_GT(report.runs, 20U);
  EXPECT_THAT(report.starts, IsEmpty());
}

// Where a forged signature becomes a verdict: all of it in every test run. A
// skipped call left the answer of the rule before, and a turned branch returned
// the error of a result that had none.
TEST(Verdict, OfAForgedSignatureIsNotTurnedByAnyFault) {
  for (const Algorithm algorithm : {Algorithm::kRsa3072, Algorithm::kP256}) {
    const Setting setting(
        {algorithm, Strategy::kSingleSlot, Refused::kForgedWhole});
    Limits limits;
    limits.budget = setting.budget();
    limits.only = {"::Judge(",   "::Conclude(", "::SignatureMatches(",
                   "VerifyRsa",  "VerifyEcdsa", "CheckPssEncoding(",
                   "HasX(",      "Difference(", "boot::Run()",
                   "boot::Jump("};
    const Report report = Disturb(setting.board(), setting.permitted(), limits);
    std::cout << Summary(report) << std::endl;
    EXPECT_GT(report.runs, 1000U);
    EXPECT_THAT(report.starts, IsEmpty());
  }
}

// Image 0 is valid and would be started: what keeps it is the verdict on the
// other one. One skipped branch had started it.
TEST(Verdict, OfTheSecondImageIsNotPassedOverByAnyFault) {
  const Setting setting(
      {Algorithm::kP256, Strategy::kOverwriteOnly, Refused::kForeignKey, true});
  Limits limits;
  limits.budget = setting.budget();
  limits.only = {"::Choose(",      "mcuboot::Verify(", "::Conclude(",
                 "HandOver",       "boot::Run()",      "boot::Jump(",
                 "VerifiedBeside("};
  const Report report = Disturb(setting.board(), setting.permitted(), limits);
  std::cout << Summary(report) << std::endl;
  EXPECT_THAT(report.log, HasSubstr(": refused: "));
  EXPECT_GT(report.runs, 500U);
  EXPECT_THAT(report.starts, IsEmpty());
}

TEST(Verdict, OfTwoValidImagesStartsTheFirst) {
  const Setting setting(
      {Algorithm::kP256, Strategy::kOverwriteOnly, Refused::kNone, true});
  Limits limits;
  limits.budget = setting.budget();
  limits.every = 1000;
  const Report report = Disturb(setting.board(), setting.permitted(), limits);
  EXPECT_THAT(report.log, HasSubstr("verified; starting at"));
}

Moments BetweenVerdictAndJump() {
  return {"bootseal::upgrade::Choose(",
          {"bootseal::boot::Run()", "bootseal::boot::Jump("}};
}

TEST_P(Glitch, StartsNothingThatIsRefusedWhenABitFlipsAfterTheVerdict) {
  const Setting setting(GetParam());
  const Report report = FlipBits(setting.board(), setting.permitted(),
                                 BetweenVerdictAndJump(), LimitsOf(setting));
  std::cout << GetParam().name() << ": " << Summary(report) << std::endl;
  EXPECT_THAT(report.log, HasSubstr(": refused: "));
  EXPECT_GT(report.runs, 10U);
  EXPECT_THAT(report.starts, IsEmpty());
}

TEST(Verdict, StartsNoOtherAddressWhenABitOfItFlips) {
  const Setting setting({});
  const Report report = FlipBits(setting.board(), setting.permitted(),
                                 BetweenVerdictAndJump(), LimitsOf(setting));
  std::cout << Summary(report) << std::endl;
  EXPECT_THAT(report.log, HasSubstr("verified; starting at"));
  EXPECT_GT(report.addresses, 20U);
  EXPECT_GT(report.permitted, 0U);
  EXPECT_THAT(report.starts, IsEmpty());
}

// One bit of its address is what tells the slots apart.
TEST(Verdict, StartsNoRefusedImageInTheOtherSlotWhenABitOfItFlips) {
  const Setting setting(
      {Algorithm::kP256, Strategy::kDirectXip, Refused::kForeignKey});
  const Report report = FlipBits(setting.board(), setting.permitted(),
                                 BetweenVerdictAndJump(), LimitsOf(setting));
  std::cout << Summary(report) << std::endl;
  EXPECT_THAT(report.log, HasSubstr("verified; starting at"));
  EXPECT_GT(report.permitted, 0U);
  EXPECT_THAT(report.starts, IsEmpty());
}

std::vector<Scenario> AllScenarios() {
  std::vector<Scenario> all;
  for (const Strategy strategy :
       {Strategy::kSingleSlot, Strategy::kOverwriteOnly, Strategy::kSwapMove}) {
    for (const Algorithm algorithm :
         {Algorithm::kP256, Algorithm::kRsa3072, Algorithm::kEd25519}) {
      for (const Refused refused :
           {Refused::kForgedWhole, Refused::kForeignKey, Refused::kBody,
            Refused::kHeader, Refused::kOld, Refused::kNoCounter,
            Refused::kNoSignature, Refused::kEmpty}) {
        all.push_back({algorithm, strategy, refused});
      }
    }
  }
  for (const Refused refused :
       {Refused::kForgedWhole, Refused::kForeignKey, Refused::kBody,
        Refused::kOld, Refused::kEmpty}) {
    all.push_back({Algorithm::kP256, Strategy::kOverwriteOnly, refused, true});
  }
  return all;
}

// Every algorithm, strategy and reason.
std::vector<Scenario> SomeScenarios() {
  return {
      {Algorithm::kP256, Strategy::kSingleSlot, Refused::kForgedWhole},
      {Algorithm::kRsa3072, Strategy::kSingleSlot, Refused::kForgedWhole},
      {Algorithm::kEd25519, Strategy::kSingleSlot, Refused::kForgedWhole},
      {Algorithm::kP256, Strategy::kSingleSlot, Refused::kForeignKey},
      {Algorithm::kRsa3072, Strategy::kSingleSlot, Refused::kBody},
      {Algorithm::kEd25519, Strategy::kSingleSlot, Refused::kHeader},
      {Algorithm::kRsa3072, Strategy::kSingleSlot, Refused::kOld},
      {Algorithm::kEd25519, Strategy::kSingleSlot, Refused::kNoCounter},
      {Algorithm::kP256, Strategy::kSingleSlot, Refused::kNoSignature},
      {Algorithm::kP256, Strategy::kSingleSlot, Refused::kEmpty},
      {Algorithm::kP256, Strategy::kOverwriteOnly, Refused::kForeignKey},
      {Algorithm::kRsa3072, Strategy::kOverwriteOnly, Refused::kForgedWhole},
      {Algorithm::kRsa3072, Strategy::kSwapMove, Refused::kForgedWhole},
      {Algorithm::kRsa3072, Strategy::kOverwriteOnly, Refused::kForgedWhole,
       true},
      {Algorithm::kEd25519, Strategy::kSwapMove, Refused::kBody},
  };
}

std::vector<Scenario> Scenarios() {
  return Every() == 1 ? AllScenarios() : SomeScenarios();
}

INSTANTIATE_TEST_SUITE_P(, Glitch, testing::ValuesIn(Scenarios()),
                         [](const testing::TestParamInfo<Scenario>& scenario) {
                           return scenario.param.name();
                         });

}  // namespace
}  // namespace bootseal::tests
