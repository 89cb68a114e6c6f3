#include "hsm/algorithm.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

struct Row {
  Algorithm algorithm;
  const char* name;
  std::size_t digest_size;
};

constexpr std::array<Row, 6> kRows = {{
    {Algorithm::kRsa2048, "rsa2048", 32},
    {Algorithm::kRsa3072, "rsa3072", 32},
    {Algorithm::kP256, "p256", 32},
    {Algorithm::kP384, "p384", 48},
    {Algorithm::kEd25519, "ed25519", 0},
    {Algorithm::kBrainpoolP256t1, "brainpoolP256t1", 32},
}};

const Row& RowOf(Algorithm algorithm) {
  for (const Row& row : kRows) {
    if (row.algorithm == algorithm) return row;
  }
  return kRows.back();
}

}  // namespace

absl::string_view NameOf(Algorithm algorithm) { return RowOf(algorithm).name; }

std::size_t DigestSize(Algorithm algorithm) {
  return RowOf(algorithm).digest_size;
}

absl::StatusOr<Algorithm> ParseAlgorithm(absl::string_view name) {
  std::string names;
  for (const Row& row : kRows) {
    if (name == row.name) return row.algorithm;
    absl::StrAppend(&names, names.empty() ? "" : ", ", row.name);
  }
  return base::Invalid("UNKNOWN_ALGORITHM", "algorithm",
                       absl::StrCat("unknown algorithm \"", name,
                                    "\", expected one of ", names));
}

}  // namespace bootseal::hsm
