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
    const Fallback found = ExplainFallback(1, row.active, row.evidence);
    EXPECT_STREQ(NameOf(found.reason), NameOf(row.reason));
    EXPECT_EQ(found.certain, row.certain) << found.words;
    EXPECT_NE(found.words, "");
  }
}

constexpr std::uint32_t kDigest =
    static_cast<std::uint32_t>(image::Error::kPackageImageDigest);

std::optional<BootReport> ReportOf(std::uint32_t word,
                                   std::uint32_t error = kDigest) {
  return DecodeBootReport(word, error);
}

TEST(BootReport, IsReadOnlyWhenItIsTheSecondStages) {
  for (const std::uint32_t word : {0u, 0xffffffffu, 0x00000006u, 0xb0a60006u,
                                   0xb0a70000u, 0xb0a70007u, 0xb0a7000fu}) {
    EXPECT_FALSE(ReportOf(word).has_value()) << word;
  }
  const auto report = ReportOf(0xb0a70726);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->reason, image::fwu::BootReason::kFailed);
  EXPECT_TRUE(report->Failed(1));
  EXPECT_FALSE(report->Failed(0));
  EXPECT_FALSE(report->Failed(33));
  EXPECT_EQ(report->error, image::Error::kPackageImageDigest);
}

struct ReportedRow {
  BankState active;
  FallbackEvidence evidence;
  FallbackReason reason;
  const char* words;
};

// Bank 1 is the active one.
TEST(Fallback, IsWhatTheSecondStageReports) {
  using enum FallbackReason;
  const auto storage = static_cast<std::uint32_t>(image::Error::kStorage);
  const ReportedRow rows[] = {
      {BankState::kValid,
       {{}, {}, ReportOf(0xb0a70003)},
       kTrialsSpent,
       "spent"},
      {BankState::kValid, {false, 2, ReportOf(0xb0a70003)}, kTrialsSpent, ""},
      {BankState::kValid,
       {true, {}, ReportOf(0xb0a70004)},
       kTrialSkipped,
       "the backup domain was lost, and no trial was run"},
      {BankState::kValid,
       {{}, 2, ReportOf(0xb0a70004)},
       kTrialCutShort,
       "the backup domain was lost during its trial"},
      {BankState::kInvalid,
       {{}, {}, ReportOf(0xb0a70005)},
       kIncomplete,
       "not complete"},
      {BankState::kValid,
       {true, {}, ReportOf(0xb0a70026)},
       kNotStarted,
       "did not authenticate: "},
      {BankState::kAccepted,
       {{}, {}, ReportOf(0xb0a70026)},
       kNotStarted,
       image::Text(image::Error::kPackageImageDigest)},
      {BankState::kAccepted,
       {{}, {}, ReportOf(0xb0a70026, storage)},
       kNotStarted,
       "could not be read: storage cannot be read"},
      {BankState::kAccepted,
       {{}, {}, ReportOf(0xb0a70066)},
       kNotStarted,
       "of several"},
  };
  for (const ReportedRow& row : rows) {
    const Fallback found = ExplainFallback(1, row.active, row.evidence);
    EXPECT_STREQ(NameOf(found.reason), NameOf(row.reason));
    EXPECT_TRUE(found.certain);
    EXPECT_NE(found.words.find(row.words), std::string::npos) << found.words;
  }
}

// What the report says cannot be of this bank in this state.
TEST(Fallback, IsNotExplainedByAReportThatDoesNotFit) {
  using enum FallbackReason;
  const ReportedRow rows[] = {
      {BankState::kAccepted, {{}, {}, ReportOf(0xb0a70003)}, kNotStarted, ""},
      {BankState::kAccepted, {{}, {}, ReportOf(0xb0a70004)}, kNotStarted, ""},
      {BankState::kInvalid, {{}, {}, ReportOf(0xb0a70026)}, kIncomplete, ""},
      {BankState::kValid, {true, {}, ReportOf(0xb0a70016)}, kTrialsSpent, ""},
      {BankState::kValid, {true, {}, ReportOf(0xb0a70001)}, kTrialsSpent, ""},
      {BankState::kValid, {true, {}, ReportOf(0xb0a70002)}, kTrialsSpent, ""},
  };
  for (const ReportedRow& row : rows) {
    const Fallback found = ExplainFallback(1, row.active, row.evidence);
    EXPECT_STREQ(NameOf(found.reason), NameOf(row.reason));
    EXPECT_EQ(found.words.find("digest"), std::string::npos) << found.words;
  }
}

TEST(Fallback, OfATrialThatIsLeftIsToldByAReportOfThisBankAlone) {
  EXPECT_TRUE(ExplainFailedTrial(1, BankState::kValid, ReportOf(0xb0a70026)));
  EXPECT_FALSE(ExplainFailedTrial(0, BankState::kValid, ReportOf(0xb0a70026)));
  EXPECT_FALSE(
      ExplainFailedTrial(1, BankState::kAccepted, ReportOf(0xb0a70026)));
  EXPECT_FALSE(ExplainFailedTrial(1, BankState::kValid, ReportOf(0xb0a70003)));
  EXPECT_FALSE(ExplainFailedTrial(1, BankState::kValid, std::nullopt));
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

// Tried, not started, and to be tried again: told, and nothing is given up.
TEST_P(FallbackOf, OfAFailedTrialWithTrialsLeftWritesNothing) {
  ASSERT_OK(Install(Second()));
  state().boot = {0, 2, true};
  state().report = ReportOf(0xb0a70026);
  const std::string before = state().flash;
  const auto told = Check();
  ASSERT_OK(told);
  ASSERT_TRUE(told->fallback.has_value());
  EXPECT_EQ(told->fallback->reason, FallbackReason::kNotStarted);
  EXPECT_NE(told->words.find("2 trials are left"), std::string::npos)
      << told->words;
  EXPECT_EQ(told->state, image::fwu::State::kTrialPending);
  EXPECT_EQ(state().flash, before);
  // The card came back.
  Reset();
  state().report = ReportOf(0xb0a70002);
  EXPECT_EQ(state().boot, (image::fwu::BootRegister{1, 1, true}));
  const auto runs = Check();
  ASSERT_OK(runs);
  EXPECT_FALSE(runs->fallback.has_value());
}

// After the last one it is given up, and the error is told.
TEST_P(FallbackOf, OfTheLastFailedTrialIsMendedAndTold) {
  ASSERT_OK(Install(Second()));
  state().boot = {0, 0, true};
  state().report = ReportOf(0xb0a70026);
  const auto told = Check();
  ASSERT_OK(told);
  ASSERT_TRUE(told->fallback.has_value());
  EXPECT_EQ(told->fallback->reason, FallbackReason::kNotStarted);
  EXPECT_NE(told->words.find(image::Text(image::Error::kPackageImageDigest)),
            std::string::npos)
      << told->words;
  EXPECT_EQ(told->state, image::fwu::State::kRegular);
}

INSTANTIATE_TEST_SUITE_P(Metadata, FallbackOf, testing::Values(1u, 2u),
                         NameOfVersion);

}  // namespace
}  // namespace bootseal::fwu
