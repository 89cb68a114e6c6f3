#include "client/fwu/fallback.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/fwu/agent_fixture.h"

namespace bootseal::fwu {
namespace {

struct Row {
  BankState active;
  FallbackEvidence evidence;
  FallbackReason reason;
  bool certain;
};

TEST(Fallback, IsExplainedAsFarAsLinuxCanKnow) {
  using enum FallbackReason;
  const Row rows[] = {
      {BankState::kInvalid, {}, kIncomplete, true},
      {BankState::kAccepted, {}, kNotStarted, true},
      // The word in the backup domain is there: nothing was lost.
      {BankState::kValid, {true, std::nullopt}, kTrialsSpent, true},
      {BankState::kValid, {true, 2}, kTrialsSpent, true},
      // It is gone.
      {BankState::kValid, {false, std::nullopt}, kTrialSkipped, true},
      {BankState::kValid, {false, 2}, kTrialCutShort, true},
      {BankState::kValid, {false, 0}, kTrialsSpent, true},
      // There is none.
      {BankState::kValid, {std::nullopt, std::nullopt}, kTrialSkipped, false},
      {BankState::kValid, {std::nullopt, 2}, kTrialCutShort, false},
      {BankState::kValid, {std::nullopt, 0}, kTrialsSpent, true},
  };
  for (const Row& row : rows) {
    const Fallback found = ExplainFallback(row.active, row.evidence);
    EXPECT_STREQ(NameOf(found.reason), NameOf(row.reason));
    EXPECT_EQ(found.certain, row.certain) << found.words;
    EXPECT_NE(found.words, "");
  }
}

class FallbackOf : public AgentOf {
 protected:
  FallbackReason Found() {
    const auto fell = Check();
    EXPECT_OK(fell);
    if (!fell.ok() || !fell->fallback) return FallbackReason::kIncomplete;
    return fell->fallback->reason;
  }
  void LosePower() {
    state().boot = {};
    if (state().domain_kept) state().domain_kept = false;
    Reset();
  }
};

TEST_P(FallbackOf, BySpentTrialsIsToldByTheTrialsThatWereSeen) {
  ASSERT_OK(Install(Second()));
  for (int i = 0; i < 3; ++i) {
    Reset();
    ASSERT_OK(Check());
  }
  Reset();
  EXPECT_EQ(Found(), FallbackReason::kTrialsSpent);
}

TEST_P(FallbackOf, WithoutATrialIsToldFromSpentTrials) {
  ASSERT_OK(Install(Second()));
  LosePower();
  EXPECT_EQ(Found(), FallbackReason::kTrialSkipped);
}

TEST_P(FallbackOf, DuringATrialIsToldFromSpentTrials) {
  ASSERT_OK(Install(Second()));
  Reset();
  ASSERT_OK(Check());
  LosePower();
  EXPECT_EQ(Found(), FallbackReason::kTrialCutShort);
}

// No trial came so far as `check`, but the word outlived them all.
TEST_P(FallbackOf, IsCertainWithAWordInTheBackupDomain) {
  state().domain_kept = false;
  ASSERT_OK(Install(Second()));
  EXPECT_EQ(state().domain_kept, true);
  for (int i = 0; i < 4; ++i) Reset();
  EXPECT_EQ(Found(), FallbackReason::kTrialsSpent);
  Reset();
  ASSERT_OK(Install(Second()));
  LosePower();
  const auto fell = Check();
  ASSERT_OK(fell);
  ASSERT_TRUE(fell->fallback.has_value());
  EXPECT_EQ(fell->fallback->reason, FallbackReason::kTrialSkipped);
  EXPECT_TRUE(fell->fallback->certain);
}

// What the last release's trials left is nothing of this one's.
TEST_P(FallbackOf, ForgetsTheTrialsOfTheReleaseBefore) {
  ASSERT_OK(Install(Second()));
  for (int i = 0; i < 3; ++i) {
    Reset();
    ASSERT_OK(Check());
  }
  Reset();
  ASSERT_OK(Check());
  Reset();
  ASSERT_OK(Install(Second()));
  LosePower();
  EXPECT_EQ(Found(), FallbackReason::kTrialSkipped);
}

TEST_P(FallbackOf, IsExaminedWithItsReason) {
  ASSERT_OK(Install(Second()));
  LosePower();
  SimulatedFlash flash(state().flash, 512, device_.medium());
  auto agent = device_.OpenAgent(flash, state());
  ASSERT_OK(agent);
  const auto condition = agent->Examine();
  ASSERT_OK(condition);
  ASSERT_TRUE(condition->fallback.has_value());
  EXPECT_EQ(condition->fallback->reason, FallbackReason::kTrialSkipped);
}

INSTANTIATE_TEST_SUITE_P(Metadata, FallbackOf, testing::Values(1u, 2u),
                         NameOfVersion);

}  // namespace
}  // namespace bootseal::fwu
