#include "firmware/image/fwu/selection.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>

#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {
namespace {

using image::host::NameOf;
using namespace image::fwu;

constexpr BankState kFF = BankState::kInvalid;
constexpr BankState kFE = BankState::kValid;
constexpr BankState kFC = BankState::kAccepted;
constexpr int kNone = -1;

Metadata Banks(std::initializer_list<BankState> states, std::uint32_t active,
               std::uint32_t previous) {
  Metadata metadata =
      MetadataWith(2, {static_cast<std::uint8_t>(states.size()), 1});
  metadata.active = active;
  metadata.previous = previous;
  std::size_t bank = 0;
  for (const BankState state : states) metadata.states[bank++] = state;
  return metadata;
}

struct Boot {
  const char* what;
  std::initializer_list<BankState> states;
  std::uint32_t active;
  std::uint32_t previous;
  BootRegister last;
  std::uint8_t failed;
  int bank;
  BootReason reason;
  BootRegister next;
};

void PrintTo(const Boot& boot, std::ostream* out) { *out << boot.what; }

class Boots : public testing::TestWithParam<Boot> {};

TEST_P(Boots, TheBankThatTheTableSays) {
  const Boot& boot = GetParam();
  const auto selected = SelectBank(
      Banks(boot.states, boot.active, boot.previous), boot.last, boot.failed);
  if (boot.bank == kNone) {
    EXPECT_EQ(NameOf(selected.error()), "NO_BANK");
    return;
  }
  ASSERT_TRUE(selected.ok()) << NameOf(selected.error());
  EXPECT_EQ(selected->bank, boot.bank);
  EXPECT_EQ(selected->reason, boot.reason);
  EXPECT_EQ(selected->next, boot.next);
}

using enum BootReason;
constexpr BootRegister kFresh{0, 3, true};
constexpr BootRegister kSpent{1, 0, true};
constexpr BootRegister kLost{0, 3, false};

// As static storage: the rows point into their lists.
constexpr std::initializer_list<BankState> kBoth = {kFC, kFC};
constexpr std::initializer_list<BankState> kTrialOfB = {kFC, kFE};
constexpr std::initializer_list<BankState> kNoB = {kFC, kFF};
constexpr std::initializer_list<BankState> kValidBoth = {kFE, kFE};
constexpr std::initializer_list<BankState> kInvalidBoth = {kFF, kFF};
constexpr std::initializer_list<BankState> kTrialOfFour = {kFE, kFE, kFC, kFC};
constexpr std::initializer_list<BankState> kValidFour = {kFE, kFF, kFE, kFE};

INSTANTIATE_TEST_SUITE_P(
    Table, Boots,
    testing::Values(
        Boot{"accepted", kBoth, 0, 1, kFresh, 0, 0, kAccepted, {0, 3, true}},
        Boot{"accepted, trials spent",
             kBoth,
             1,
             0,
             kSpent,
             0,
             1,
             kAccepted,
             {1, 3, true}},
        Boot{"accepted, register lost",
             kBoth,
             0,
             1,
             kLost,
             0,
             0,
             kAccepted,
             {0, 3, true}},
        Boot{
            "first trial", kTrialOfB, 1, 0, kFresh, 0, 1, kTrial, {1, 2, true}},
        Boot{"second trial",
             kTrialOfB,
             1,
             0,
             {1, 2, true},
             0,
             1,
             kTrial,
             {1, 1, true}},
        Boot{"last trial",
             kTrialOfB,
             1,
             0,
             {1, 1, true},
             0,
             1,
             kTrial,
             {1, 0, true}},
        Boot{"trials spent",
             kTrialOfB,
             1,
             0,
             kSpent,
             0,
             0,
             kTrialsSpent,
             {0, 0, true}},
        Boot{"trials spent, again",
             kTrialOfB,
             1,
             0,
             {0, 0, true},
             0,
             0,
             kTrialsSpent,
             {0, 0, true}},
        Boot{"more trials than there are",
             kTrialOfB,
             1,
             0,
             {0, 15, true},
             0,
             1,
             kTrial,
             {1, 2, true}},
        Boot{"trial lost",
             kTrialOfB,
             1,
             0,
             kLost,
             0,
             0,
             kTrialLost,
             {0, 0, false}},
        Boot{"invalid", kNoB, 1, 0, kFresh, 0, 0, kInvalid, {0, 0, true}},
        Boot{"invalid, register lost",
             kNoB,
             1,
             0,
             kLost,
             0,
             0,
             kInvalid,
             {0, 0, false}},
        Boot{"an accepted one failed",
             kBoth,
             1,
             0,
             {1, 3, true},
             2,
             0,
             kFailed,
             {0, 0, true}},
        Boot{"an accepted one failed, register lost",
             kBoth,
             1,
             0,
             kLost,
             2,
             0,
             kFailed,
             {0, 0, false}},
        Boot{"the first trial failed",
             kTrialOfB,
             1,
             0,
             kFresh,
             2,
             0,
             kFailed,
             {0, 2, true}},
        Boot{"a trial failed",
             kTrialOfB,
             1,
             0,
             {1, 2, true},
             2,
             0,
             kFailed,
             {0, 1, true}},
        Boot{"the last trial failed",
             kTrialOfB,
             1,
             0,
             {1, 1, true},
             2,
             0,
             kFailed,
             {0, 0, true}},
        Boot{"a trial failed of more than there are",
             kTrialOfB,
             1,
             0,
             {0, 15, true},
             2,
             0,
             kFailed,
             {0, 2, true}},
        Boot{"a trial failed, and what it falls back to",
             kTrialOfFour,
             0,
             3,
             kFresh,
             9,
             2,
             kFailed,
             {2, 2, true}},
        Boot{"what was not tried did not fail: spent",
             kTrialOfB,
             1,
             0,
             kSpent,
             2,
             0,
             kTrialsSpent,
             {0, 0, true}},
        Boot{"what was not tried did not fail: lost",
             kTrialOfB,
             1,
             0,
             kLost,
             2,
             0,
             kTrialLost,
             {0, 0, false}},
        Boot{"both failed", kBoth, 1, 0, kFresh, 3, kNone, kFailed, {}},
        Boot{"the fallback of a spent trial failed",
             kTrialOfB,
             1,
             0,
             kSpent,
             1,
             kNone,
             kFailed,
             {}},
        Boot{"nothing is complete",
             kInvalidBoth,
             0,
             1,
             kFresh,
             0,
             kNone,
             kInvalid,
             {}},
        Boot{"nothing but a spent trial",
             kNoB,
             1,
             1,
             kFresh,
             1,
             kNone,
             kFailed,
             {}},
        Boot{"previous is merely valid",
             kValidBoth,
             0,
             1,
             kSpent,
             0,
             1,
             kTrialsSpent,
             {1, 0, true}},
        Boot{"previous is the active one",
             kTrialOfB,
             1,
             1,
             kSpent,
             0,
             0,
             kTrialsSpent,
             {0, 0, true}},
        Boot{"an accepted one before previous",
             kTrialOfFour,
             0,
             1,
             kSpent,
             0,
             2,
             kTrialsSpent,
             {2, 0, true}},
        Boot{"previous before another accepted one",
             kTrialOfFour,
             0,
             3,
             kSpent,
             0,
             3,
             kTrialsSpent,
             {3, 0, true}},
        Boot{"the next accepted one",
             kTrialOfFour,
             0,
             3,
             kSpent,
             8,
             2,
             kTrialsSpent,
             {2, 0, true}},
        Boot{"previous, valid, at last",
             kTrialOfFour,
             0,
             1,
             kSpent,
             12,
             1,
             kTrialsSpent,
             {1, 0, true}},
        Boot{"previous before another valid one",
             kValidFour,
             0,
             3,
             kSpent,
             0,
             3,
             kTrialsSpent,
             {3, 0, true}},
        Boot{"another valid one",
             kValidFour,
             0,
             1,
             kSpent,
             0,
             2,
             kTrialsSpent,
             {2, 0, true}}));

TEST(Boots, NeverABankThatDoesNotExist) {
  for (const std::uint32_t index : {2u, 3u, 4u, 31u, 32u, 255u, 0xffffffffu}) {
    Metadata metadata = Banks(kBoth, index, index);
    const auto selected = SelectBank(metadata, kFresh, 0);
    ASSERT_TRUE(selected.ok());
    EXPECT_EQ(selected->bank, 0);
    EXPECT_EQ(selected->reason, kInvalid);
    EXPECT_EQ(NameOf(SelectBank(metadata, kFresh, 0xff).error()), "NO_BANK");
  }
}

TEST(Boots, ATrialThreeTimesAndThenFallsBackUntilItIsReconciled) {
  const Metadata trial = Banks(kTrialOfB, 1, 0);
  BootRegister boot_register = kFresh;
  std::string banks;
  for (int boot = 0; boot < 6; ++boot) {
    const auto selected = SelectBank(trial, boot_register, 0);
    ASSERT_TRUE(selected.ok());
    banks += static_cast<char>('0' + selected->bank);
    boot_register = selected->next;
  }
  EXPECT_EQ(banks, "111000");
}

// Banks and reasons of six boots of a trial, in which the first
// `failures` starts of bank 1 fail.
std::string BootsWithFailures(int failures) {
  const Metadata trial = Banks(kTrialOfB, 1, 0);
  BootRegister boot_register = kFresh;
  std::string banks;
  for (int boot = 0; boot < 6; ++boot) {
    const BootRegister last = boot_register;
    auto selected = SelectBank(trial, last, 0);
    if (selected.ok() && selected->bank == 1 && failures-- > 0) {
      banks += 'x';
      selected = SelectBank(trial, last, 2);
    }
    if (!selected.ok()) return banks + "none";
    banks += static_cast<char>('0' + selected->bank);
    boot_register = selected->next;
  }
  return banks;
}

// A card may come back: a start that fails costs one trial.
TEST(Boots, ATrialThatFailsAgainUntilItsTrialsAreSpent) {
  EXPECT_EQ(BootsWithFailures(0), "111000");
  EXPECT_EQ(BootsWithFailures(1), "x011000");
  EXPECT_EQ(BootsWithFailures(2), "x0x01000");
  EXPECT_EQ(BootsWithFailures(3), "x0x0x0000");
  EXPECT_EQ(BootsWithFailures(6), "x0x0x0000");
}

// Every state, index, register and failure of up to four banks.
TEST(Boots, OnlyABankThatIsCompleteAndDidNotFail) {
  const BankState kinds[] = {kFF, kFE, kFC};
  int boots = 0;
  for (int states = 0; states < 81; ++states) {
    Metadata metadata = MetadataWith(2, {4, 1});
    for (int bank = 0, rest = states; bank < 4; ++bank, rest /= 3) {
      metadata.states[bank] = kinds[rest % 3];
    }
    for (int rest = 0; rest < 4 * 4 * 16 * 5 * 2; ++rest) {
      metadata.active = rest % 4;
      metadata.previous = rest / 4 % 4;
      const auto failed = static_cast<std::uint8_t>(rest / 16 % 16);
      const BootRegister last{0, static_cast<std::uint8_t>(rest / 256 % 5),
                              rest / 1280 == 1};
      const auto selected = SelectBank(metadata, last, failed);
      if (!selected.ok()) continue;
      ++boots;
      ASSERT_LT(selected->bank, 4);
      ASSERT_NE(metadata.states[selected->bank], kFF);
      ASSERT_EQ(failed >> selected->bank & 1, 0);
      ASSERT_EQ(selected->next.bank, selected->bank);
      ASSERT_LE(selected->next.trials, kMaxTrials);
      // A try costs one, whatever comes of it; only an accepted bank that
      // starts gives new ones.
      const int before = last.trials < kMaxTrials ? last.trials : kMaxTrials;
      const bool trial = metadata.states[metadata.active] == kFE;
      const bool tried = trial && last.intact && before > 0;
      if (selected->reason == kAccepted) {
        ASSERT_EQ(selected->next.trials, kMaxTrials);
      } else {
        ASSERT_EQ(selected->next.trials, tried ? before - 1 : 0);
      }
    }
  }
  EXPECT_GT(boots, 100000);
}

}  // namespace
}  // namespace bootseal::tests
