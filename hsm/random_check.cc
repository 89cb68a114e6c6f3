#include "hsm/random_check.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/pkcs11/error.h"

namespace bootseal::hsm {
namespace {

constexpr int kBits = 8 * static_cast<int>(kRandomCheckBytes);
constexpr int kNibbles = kBits / 4;

bool BitAt(absl::string_view block, int index) {
  const auto byte =
      static_cast<unsigned char>(block[static_cast<std::size_t>(index) / 8]);
  return ((byte >> (7 - index % 8)) & 1) != 0;
}

double Ones(absl::string_view block) {
  int ones = 0;
  for (int i = 0; i < kBits; ++i) ones += BitAt(block, i) ? 1 : 0;
  return ones;
}

double Poker(absl::string_view block) {
  std::array<double, 16> counts{};
  for (const char c : block) {
    const auto byte = static_cast<unsigned char>(c);
    ++counts[byte >> 4];
    ++counts[byte & 15];
  }
  double squares = 0;
  for (const double count : counts) squares += count * count;
  return 16.0 / kNibbles * squares - kNibbles;
}

double LongestRun(absl::string_view block) {
  int longest = 0;
  int run = 0;
  for (int i = 0; i < kBits; ++i) {
    run = i > 0 && BitAt(block, i) == BitAt(block, i - 1) ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  return longest;
}

// The limits of the standard, themselves outside, and for runs themselves
// inside.
struct Test {
  const char* name;
  double (*figure)(absl::string_view);
  double above;
  double below;
};
constexpr Test kTests[] = {
    {"ones of 20,000 bits", Ones, 9654, 10346},
    {"poker", Poker, 1.03, 57.4},
    {"longest run of equal bits", LongestRun, 0, 34},
};

absl::Status Broken(absl::string_view what) {
  return base::Precondition(
      "RANDOM_BROKEN",
      absl::StrCat("the token's random numbers ", what,
                   "; make no key with it, and have the vendor look at it"));
}

absl::StatusOr<std::string> Draw(const pkcs11::Session& session) {
  std::string block(kRandomCheckBytes, '\0');
  const CK_RV result = session.functions->C_GenerateRandom(
      session.handle, reinterpret_cast<CK_BYTE*>(block.data()), block.size());
  if (result != CKR_OK) return pkcs11::ToStatus("C_GenerateRandom", result);
  return block;
}

}  // namespace

absl::Status CheckRandomBlock(absl::string_view block) {
  if (block.size() != kRandomCheckBytes) {
    return base::Internal(absl::StrCat(block.size(), " random bytes"));
  }
  for (const Test& test : kTests) {
    const double figure = test.figure(block);
    if (figure > test.above && figure < test.below) continue;
    return Broken(absl::StrCat("fail a test of FIPS 140-1: ", test.name, " ",
                               figure, ", expected between ", test.above,
                               " and ", test.below));
  }
  return absl::OkStatus();
}

absl::Status CheckRandomSource(const pkcs11::Session& session) {
  ASSIGN_OR_RETURN(const std::string first, Draw(session));
  ASSIGN_OR_RETURN(const std::string second, Draw(session));
  if (first == second) return Broken("repeat themselves");
  RETURN_IF_ERROR(CheckRandomBlock(first));
  return CheckRandomBlock(second);
}

}  // namespace bootseal::hsm
