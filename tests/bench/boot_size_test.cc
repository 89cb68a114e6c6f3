// No bootloader grows or slows down unseen. The budgets are what was reached
// and some slack: 64 bytes, and 1 % of the instructions, or 3 % where they vary
// with the signature. Whoever has to raise one says in boot_figures.md why.
#include <gmock/gmock.h>

#include <cstdint>
#include <ostream>
#include <string>

#include "firmware/image/algorithm.h"
#include "tests/bench/figures.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::Strategy;
using testing::Le;

constexpr bool kPlain = true;
// kTfm: two in firmware/provision's configuration of that name.
enum class Images : std::uint8_t { kOne, kTwo, kTfm };
using enum Images;

struct Budget {
  const char* board;
  Algorithm algorithm;
  Strategy strategy;
  bool plain;
  Images images;
  unsigned long text_without_log;
  unsigned long text_with_log;
  unsigned long long instructions;  // without log
};

constexpr Budget kBudgets[] = {
    {"mps2-an505", Algorithm::kRsa2048, Strategy::kOverwriteOnly, kPlain, kOne,
     9956, 12248, 2844000},
    {"mps2-an505", Algorithm::kRsa2048, Strategy::kOverwriteOnly, !kPlain, kOne,
     10772, 13064, 2856000},
    {"mps2-an505", Algorithm::kRsa2048, Strategy::kOverwriteOnly, !kPlain, kTwo,
     11824, 14112, 5710000},
    {"mps2-an505", Algorithm::kRsa2048, Strategy::kOverwriteOnly, !kPlain, kTfm,
     13956, 16248, 7733000},
    {"mps2-an505", Algorithm::kRsa3072, Strategy::kOverwriteOnly, kPlain, kOne,
     10104, 12396, 3503000},
    {"mps2-an505", Algorithm::kRsa3072, Strategy::kOverwriteOnly, !kPlain, kOne,
     10920, 13212, 3518000},
    {"mps2-an505", Algorithm::kRsa3072, Strategy::kOverwriteOnly, !kPlain, kTwo,
     11844, 14132, 7030000},
    {"mps2-an505", Algorithm::kRsa3072, Strategy::kOverwriteOnly, !kPlain, kTfm,
     13976, 16268, 9061000},
    {"mps2-an505", Algorithm::kP256, Strategy::kOverwriteOnly, kPlain, kOne,
     11048, 13340, 5877000},
    {"mps2-an505", Algorithm::kP256, Strategy::kOverwriteOnly, !kPlain, kOne,
     11864, 14156, 5937000},
    {"mps2-an505", Algorithm::kP256, Strategy::kOverwriteOnly, !kPlain, kTwo,
     13096, 15384, 11817000},
    {"mps2-an505", Algorithm::kP256, Strategy::kOverwriteOnly, !kPlain, kTfm,
     15228, 17520, 13924000},
    {"mps2-an505", Algorithm::kP384, Strategy::kOverwriteOnly, kPlain, kOne,
     11624, 13920, 14206000},
    {"mps2-an505", Algorithm::kP384, Strategy::kOverwriteOnly, !kPlain, kOne,
     12440, 14736, 14284000},
    {"mps2-an505", Algorithm::kP384, Strategy::kOverwriteOnly, !kPlain, kTwo,
     13660, 15944, 28484000},
    {"mps2-an505", Algorithm::kP384, Strategy::kOverwriteOnly, !kPlain, kTfm,
     15788, 18080, 30465000},
    {"mps2-an505", Algorithm::kEd25519, Strategy::kOverwriteOnly, kPlain, kOne,
     12096, 14392, 4053000},
    {"mps2-an505", Algorithm::kEd25519, Strategy::kOverwriteOnly, !kPlain, kOne,
     12912, 15208, 4065000},
    {"mps2-an505", Algorithm::kEd25519, Strategy::kOverwriteOnly, !kPlain, kTwo,
     14188, 16480, 8124000},
    {"mps2-an505", Algorithm::kEd25519, Strategy::kOverwriteOnly, !kPlain, kTfm,
     16324, 18616, 10148000},
    {"mps2-an521", Algorithm::kRsa3072, Strategy::kOverwriteOnly, !kPlain, kOne,
     10972, 13264, 4896000},
    {"mps2-an521", Algorithm::kP256, Strategy::kOverwriteOnly, !kPlain, kOne,
     11956, 14248, 7803000},
};

const char* SuffixOf(Images images) {
  if (images == kOne) return "";
  return images == kTwo ? "_pair" : "_tfm";
}

void PrintTo(const Budget& budget, std::ostream* out) {
  *out << budget.board << " " << image::TraitsOf(budget.algorithm)->name
       << (budget.plain ? " plain" : "") << SuffixOf(budget.images);
}

class BootloaderSize : public testing::TestWithParam<Budget> {};

TEST_P(BootloaderSize, AndSpeedStayWithinTheirBudgets) {
  const Budget& budget = GetParam();
  Configuration configuration{.board = budget.board,
                              .algorithm = budget.algorithm,
                              .strategy = budget.strategy,
                              .log = "none",
                              .plain = budget.plain,
                              .pair = budget.images != kOne,
                              .tfm = budget.images == kTfm};
  const auto none = Measure(configuration);
  ASSERT_TRUE(none);
  EXPECT_THAT(none->text, Le(budget.text_without_log));
  EXPECT_THAT(none->instructions, Le(budget.instructions));
  configuration.log = "full";
  const auto full = Measure(configuration);
  ASSERT_TRUE(full);
  EXPECT_THAT(full->text, Le(budget.text_with_log));
}

std::string NameOf(const testing::TestParamInfo<Budget>& info) {
  const Budget& budget = info.param;
  std::string name =
      std::string(budget.board) + "_" + image::TraitsOf(budget.algorithm)->name;
  name += budget.strategy == Strategy::kOverwriteOnly ? "_overwrite"
          : budget.strategy == Strategy::kSwapMove    ? "_swap"
                                                      : "_single_slot";
  if (budget.plain) name += "_plain";
  name += SuffixOf(budget.images);
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Boards, BootloaderSize, testing::ValuesIn(kBudgets),
                         NameOf);

}  // namespace
}  // namespace bootseal::tests
