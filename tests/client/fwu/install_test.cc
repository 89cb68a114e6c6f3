// An update that goes well, and one that the device's own flash spoils.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/fwu/agent_fixture.h"

namespace bootseal::fwu {
namespace {

TEST_P(AgentOf, InstallsTriesAndAccepts) {
  const auto installed = Install(Second());
  ASSERT_OK(installed);
  EXPECT_EQ(installed->state, State::kTrialPending);
  EXPECT_TRUE(installed->reset_needed);
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
  ASSERT_OK(Check());
  const auto accepted = Accept();
  ASSERT_OK(accepted);
  EXPECT_EQ(accepted->state, State::kRegular);
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
  EXPECT_EQ(device_.MetadataOf(state().flash).version, GetParam());
}

TEST_P(AgentOf, NeverWritesTheRunningBank) {
  ASSERT_OK(Install(Second()));
  const Range& running = device_.placement().images[0].range;
  for (const std::uint64_t offset : writes_) {
    EXPECT_FALSE(offset >= running.offset &&
                 offset < running.offset + running.size);
  }
  EXPECT_GT(writes_.size(), 128U);
}

TEST_P(AgentOf, InstallsTheSameReleaseOnce) {
  ASSERT_OK(Install(Second()));
  writes_.clear();
  const auto again = Install(Second());
  ASSERT_OK(again);
  EXPECT_TRUE(again->reset_needed);
  EXPECT_TRUE(writes_.empty());
}

TEST_P(AgentOf, RecordsWhatTheFactoryWroteWithoutWritingItAgain) {
  ASSERT_OK(state().records.Remove(0));
  const std::string before = state().flash;
  ASSERT_OK(Install(First()));
  const auto recorded = state().records.Of(0);
  ASSERT_OK(recorded);
  ASSERT_TRUE(recorded->has_value());
  EXPECT_EQ((*recorded)->manifest().security_counter, 5U);
  ExpectUntouched(before);
}

TEST_P(AgentOf, KeepsTheRecordOfTheReleaseThatIsOnTrial) {
  OnTrial();
  // The same images, and yet another release.
  ASSERT_OK(Install(Release({.minor = 2, .counter = 7})));
  const auto recorded = state().records.Of(1);
  ASSERT_OK(recorded);
  EXPECT_EQ((*recorded)->manifest().security_counter, 6U);
}

TEST_P(AgentOf, DoesNotTryABankThatReadsBackDifferently) {
  SimulatedFlash flash(state().flash, 512, device_.medium());
  flash.CorruptReadsAt(device_.placement().images[1].range.offset + 4711);
  auto agent = device_.OpenAgent(flash, state());
  ASSERT_OK(agent);
  Bundle bundle = OpenTestBundle(Second());
  EXPECT_THAT(agent->Install(bundle, nullptr),
              StatusIs(Code::kUnavailable, "STORAGE_READBACK"));
  state().flash = flash.bytes();
  EXPECT_EQ(device_.MetadataOf(state().flash).active, 0U);
  EXPECT_EQ(device_.Boot(state())->bank, 0);
}

TEST_P(AgentOf, KeepsWhatItStartedWhenTheDeviceIsFull) {
  SimulatedFlash flash(state().flash, 512, device_.medium());
  flash.FailAfter(20, 7);
  auto agent = device_.OpenAgent(flash, state());
  ASSERT_OK(agent);
  Bundle bundle = OpenTestBundle(Second());
  EXPECT_THAT(agent->Install(bundle, nullptr),
              StatusIs(Code::kUnavailable, "STORAGE_WRITE"));
  state().flash = flash.bytes();
  EXPECT_EQ(device_.Boot(state())->bank, 0);
  ASSERT_OK(Install(Second()));
}

// A bootloader that has no trial left would not try what is installed now.
TEST_P(AgentOf, InstallsAfterAFallbackOnceItWasCheckedAndReset) {
  OnTrial();
  state().boot = {0, 0, true};
  const TestRelease third = Release({.minor = 3, .counter = 7});
  device_.Know(third);
  EXPECT_THAT(Install(third), StatusIs(Code::kFailedPrecondition, "FELL_BACK"));
  ASSERT_OK(Check());
  EXPECT_THAT(Install(third),
              StatusIs(Code::kFailedPrecondition, "RESET_PENDING"));
  Reset();
  ASSERT_OK(Install(third));
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
}

TEST_P(AgentOf, RollsBackOnceThereAreTrials) {
  state().boot.trials = 0;
  EXPECT_THAT(Rollback(), StatusIs(Code::kFailedPrecondition, "RESET_PENDING"));
  Reset();
  ASSERT_OK(Rollback());
}

class AgentOfThreeBanks : public AgentOf {
 protected:
  AgentOfThreeBanks()
      : AgentOf(DeviceOptions{.metadata_version = GetParam(), .banks = 3}) {}
};

TEST_P(AgentOfThreeBanks, TakesTheBankThatNeitherRunsNorIsActive) {
  TestRelease release = Release({.minor = 2, .counter = 6});
  device_.Know(release);
  ASSERT_OK(Install(release));
  EXPECT_EQ(device_.MetadataOf(state().flash).active, 1U);
  Reset();
  ASSERT_OK(Accept());
  TestRelease next = Release({.minor = 3, .counter = 7});
  ASSERT_OK(Install(next));
  EXPECT_NE(device_.MetadataOf(state().flash).active, 1U);
}

INSTANTIATE_TEST_SUITE_P(Metadata, AgentOfThreeBanks, testing::Values(1u, 2u),
                         NameOfVersion);

}  // namespace
}  // namespace bootseal::fwu
