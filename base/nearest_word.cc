#include "base/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace bootseal::base {
namespace {

constexpr std::size_t kMostChanges = 2;
// A command line's word; what is longer is near to nothing.
constexpr std::size_t kMostLetters = 64;

// Levenshtein's distance, a row of its table at a time.
std::size_t Changes(absl::string_view from, absl::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string NearestWord(absl::string_view word,
                        const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t fewest = kMostChanges + 1;
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
