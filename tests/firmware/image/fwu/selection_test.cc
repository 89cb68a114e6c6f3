#include "firmware/image/fwu/selection.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>

#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/metadata_case.h"
#include "tests/firmware/image/fwu/selection_case.h"

namespace bootseal::tests {
namespace {

using image::host::NameOf;
using namespace image::fwu;

constexpr int kNone = -1;

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

}  // namespace
}  // namespace bootseal::tests
