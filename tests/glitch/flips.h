// One bit of memory per run: between the verdict and the jump every bit of the
// memory in use is turned, and then the program goes on by itself.
#ifndef BOOTSEAL_TESTS_GLITCH_FLIPS_H_
#define BOOTSEAL_TESTS_GLITCH_FLIPS_H_

#include <optional>
#include <string>
#include <vector>

#include "tests/glitch/campaign.h"

namespace bootseal::tests {

struct Moments {
  // Flips begin once this function was called and has come back...
  std::string after;
  // ... before every instruction of these, in its first execution from then on.
  std::vector<std::string> in;
};

// The stack from its pointer up, and the statics, by the symbols __stack_top,
// __data_begin and __ram_end. `addresses` are those that are counted.
Report FlipBits(const Board& board, const std::optional<Permitted>& permitted,
                const Moments& moments, const Limits& limits);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_FLIPS_H_
