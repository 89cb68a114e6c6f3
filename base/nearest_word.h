// What somebody who mistyped may have meant. Thread-safe: free functions.
#ifndef BOOTSEAL_BASE_NEAREST_WORD_H_
#define BOOTSEAL_BASE_NEAREST_WORD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bootseal::base {

// The first of `known` that at most two letters added, left out or replaced
// make of `word`, the nearest one; empty when none is that near.
std::string NearestWord(absl::string_view word,
                        const std::vector<std::string>& known);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_NEAREST_WORD_H_
