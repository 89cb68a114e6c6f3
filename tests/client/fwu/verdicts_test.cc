// After the reset: accept, reject, rollback, check.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/fwu/agent_fixture.h"

namespace bootseal::fwu {
namespace {

TEST_P(AgentOf, DoesNotAcceptWhatDoesNotRunYet) {
  ASSERT_OK(Install(Second()));
  EXPECT_THAT(Accept(), StatusIs(Code::kFailedPrecondition, "RESET_PENDING"));
}

TEST_P(AgentOf, DoesNotAcceptAfterAFallback) {
  OnTrial();
  state().boot = {0, 0, true};
  EXPECT_THAT(Accept(), StatusIs(Code::kFailedPrecondition, "FELL_BACK"));
}

TEST_P(AgentOf, AcceptsWhatIsAcceptedWithoutAWrite) {
  ASSERT_OK(Accept());
  EXPECT_TRUE(writes_.empty());
}

TEST_P(AgentOf, RejectsATrialThatRuns) {
  OnTrial();
  const auto rejected = Reject();
  ASSERT_OK(rejected);
  EXPECT_TRUE(rejected->reset_needed);
  EXPECT_EQ(rejected->state, State::kReturnPending);
  Reset();
  EXPECT_EQ(state().boot.bank, 0);
  ASSERT_OK(Check());
}

TEST_P(AgentOf, RejectsATrialThatWasNotStarted) {
  ASSERT_OK(Install(Second()));
  const auto rejected = Reject();
  ASSERT_OK(rejected);
  EXPECT_FALSE(rejected->reset_needed);
  Reset();
  EXPECT_EQ(state().boot.bank, 0);
}

TEST_P(AgentOf, HasNothingToRejectWhenNothingIsOnTrial) {
  EXPECT_THAT(Reject(), StatusIs(Code::kFailedPrecondition, "UPDATE_STATE"));
}

TEST_P(AgentOf, DoesNotReturnToABankBelowTheDevicesCounter) {
  OnTrial();
  state().counter = 6;
  EXPECT_THAT(Reject(), StatusIs(Code::kFailedPrecondition, "BANK_DOWNGRADE"));
}

TEST_P(AgentOf, RollsBackToABankOfTheSameCounter) {
  const auto back = Rollback();
  ASSERT_OK(back);
  EXPECT_TRUE(back->reset_needed);
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
  // Said by number, it is done already.
  writes_.clear();
  ASSERT_OK(Rollback(1));
  EXPECT_TRUE(writes_.empty());
}

TEST_P(AgentOf, RefusesToRollBackBelowTheRunningRelease) {
  ASSERT_OK(Install(Second()));
  Reset();
  ASSERT_OK(Accept());
  EXPECT_THAT(Rollback(),
              StatusIs(Code::kFailedPrecondition, "BANK_DOWNGRADE"));
}

TEST_P(AgentOf, RefusesToRollBackBelowTheDevicesCounter) {
  state().counter = 6;
  EXPECT_THAT(Rollback(),
              StatusIs(Code::kFailedPrecondition, "BANK_DOWNGRADE"));
}

TEST_P(AgentOf, RefusesToRollBackToWhatNobodyVouchesFor) {
  ASSERT_OK(state().records.Remove(1));
  EXPECT_THAT(Rollback(),
              StatusIs(Code::kFailedPrecondition, "BANK_RELEASE_UNKNOWN"));
}

TEST_P(AgentOf, RefusesToRollBackToADamagedBank) {
  state().flash[device_.placement().images[1].range.offset + 9] ^= 1;
  EXPECT_THAT(Rollback(), StatusIs(Code::kFailedPrecondition, "BANK_CONTENT"));
}

TEST_P(AgentOf, RefusesToRollBackToABankThatDoesNotExist) {
  EXPECT_THAT(Rollback(3), StatusIs(Code::kFailedPrecondition, "NO_BANK"));
}

TEST_P(AgentOf, RefusesToRollBackToABankThatIsNotAccepted) {
  Metadata(0, 1, {BankState::kAccepted, BankState::kValid});
  EXPECT_THAT(Rollback(), StatusIs(Code::kFailedPrecondition, "NO_BANK"));
}

TEST_P(AgentOf, TellsAFallbackAndMendsIt) {
  OnTrial();
  state().boot = {0, 0, true};
  const auto fell = Check();
  ASSERT_OK(fell);
  EXPECT_TRUE(fell->fallback.has_value());
  EXPECT_EQ(fell->state, State::kRegular);
  EXPECT_EQ(fell->bank, 0);
  const auto after = Check();
  ASSERT_OK(after);
  EXPECT_FALSE(after->fallback.has_value());
}

// Once the accepted release has raised the counter, nothing returns to a bank
// that would not start: not this agent, and not another tool.
TEST_P(AgentOf, InvalidatesABankThatWouldNotStart) {
  ASSERT_OK(Install(Second()));
  Reset();
  ASSERT_OK(Accept());
  Reset();
  ASSERT_OK(Check());
  EXPECT_EQ(device_.MetadataOf(state().flash).states[0], BankState::kAccepted);
  state().counter = 6;
  const auto checked = Check();
  ASSERT_OK(checked);
  EXPECT_EQ(checked->state, State::kRegular);
  EXPECT_NE(device_.MetadataOf(state().flash).states[0], BankState::kAccepted);
  EXPECT_THAT(Rollback(), StatusIs(Code::kFailedPrecondition, "NO_BANK"));
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
  writes_.clear();
  ASSERT_OK(Check());
  EXPECT_TRUE(writes_.empty());
}

}  // namespace
}  // namespace bootseal::fwu
