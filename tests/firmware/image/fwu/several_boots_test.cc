// Which bank starts over several boots, and never.
#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/selection_case.h"

namespace bootseal::tests {
namespace {

using image::host::NameOf;
using namespace image::fwu;

constexpr BootRegister kFresh{0, 3, true};

TEST(SeveralBoots, NeverABankThatDoesNotExist) {
  for (const std::uint32_t index : {2u, 3u, 4u, 31u, 32u, 255u, 0xffffffffu}) {
    Metadata metadata = Banks({kFC, kFC}, index, index);
    const auto selected = SelectBank(metadata, kFresh, 0);
    ASSERT_TRUE(selected.ok());
    EXPECT_EQ(selected->bank, 0);
    EXPECT_EQ(selected->reason, BootReason::kInvalid);
    EXPECT_EQ(NameOf(SelectBank(metadata, kFresh, 0xff).error()), "NO_BANK");
  }
}

TEST(SeveralBoots, ATrialThreeTimesAndThenFallsBackUntilItIsReconciled) {
  const Metadata trial = Banks({kFC, kFE}, 1, 0);
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
  const Metadata trial = Banks({kFC, kFE}, 1, 0);
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
TEST(SeveralBoots, ATrialThatFailsAgainUntilItsTrialsAreSpent) {
  EXPECT_EQ(BootsWithFailures(0), "111000");
  EXPECT_EQ(BootsWithFailures(1), "x011000");
  EXPECT_EQ(BootsWithFailures(2), "x0x01000");
  EXPECT_EQ(BootsWithFailures(3), "x0x0x0000");
  EXPECT_EQ(BootsWithFailures(6), "x0x0x0000");
}

// Every state, index, register and failure of up to four banks.
TEST(SeveralBoots, OnlyABankThatIsCompleteAndDidNotFail) {
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
      if (selected->reason == BootReason::kAccepted) {
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
