// What somebody who mistyped may have meant. Thread-safe: free functions.
#ifndef BOOTSEAL_BASE_NEAREST_WORD_H_
#define BOOTSEAL_BASE_NEAREST_WORD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bootseal::base {

// The first of `known` that the fewest changes make of `word`: a letter added,
// left out or replaced, or two neighbours exchanged. Two changes at most, one
// in a word of two to four letters, dashes before it not counted; empty when
// none is that near.
std::string NearestWord(absl::string_view word,
                        const std::vector<std::string>& known);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_NEAREST_WORD_H_
