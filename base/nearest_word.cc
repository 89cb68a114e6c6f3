#include "base/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace bootseal::base {
namespace {

// A command line's word; what is longer is near to nothing.
constexpr std::size_t kMostLetters = 64;

// With two changes `--bar` would be `--ca`.
std::size_t MostChanges(absl::string_view word) {
  const std::size_t start = word.find_first_not_of('-');
  if (start == absl::string_view::npos) return 0;
  return std::min<std::size_t>((word.size() - start + 1) / 3, 2);
}

// Damerau's and Levenshtein's distance, by optimal string alignment.
std::size_t Changes(absl::string_view from, absl::string_view to) {
  std::vector<std::vector<std::size_t>> table(
      from.size() + 1, std::vector<std::size_t>(to.size() + 1));
  std::iota(table[0].begin(), table[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    table[i][0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = from[i - 1] == to[j - 1] ? 0 : 1;
      std::size_t& fewest = table[i][j];
      fewest = std::min({table[i - 1][j - 1] + replaced, table[i - 1][j] + 1,
                         table[i][j - 1] + 1});
      const bool exchanged = i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
                             from[i - 2] == to[j - 1];
      if (exchanged) fewest = std::min(fewest, table[i - 2][j - 2] + 1);
    }
  }
  return table.back().back();
}

}  // namespace

std::string NearestWord(absl::string_view word,
                        const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t fewest = MostChanges(word) + 1;
  if (word.size() > kMostLetters) return nearest;
  for (const std::string& each : known) {
    const std::size_t changes = Changes(word, each);
    if (changes >= fewest) continue;
    fewest = changes;
    nearest = each;
  }
  return nearest;
}

}  // namespace bootseal::base
