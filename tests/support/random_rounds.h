// Comparisons over what was drawn by lot: the dice, and the program's main().
#ifndef BOOTSEAL_TESTS_SUPPORT_RANDOM_ROUNDS_H_
#define BOOTSEAL_TESTS_SUPPORT_RANDOM_ROUNDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <random>

#include "absl/strings/numbers.h"

namespace bootseal::tests {

// The same draws for the same seed.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(engine_()) % bound;
  }
  bool Chance(std::uint32_t of) { return Below(of) == 0; }
  template <std::size_t kSize>
  const char* OneOf(const char* const (&choices)[kSize]) {
    return choices[Below(kSize)];
  }
  template <std::size_t kSize>
  const char* OneOf(const std::array<const char*, kSize>& choices) {
    return choices[Below(kSize)];
  }

 private:
  std::mt19937 engine_;
};

// Arguments: the number of rounds (100) and the seed (1). A Comparison is made
// of the seed; its Print(rounds) gives the exit status.
template <typename Comparison>
int RunRounds(int argc, char** argv) {
  int rounds = 100;
  unsigned seed = 1;
  const bool numbers = (argc < 2 || absl::SimpleAtoi(argv[1], &rounds)) &&
                       (argc < 3 || absl::SimpleAtoi(argv[2], &seed));
  if (!numbers) {
    std::cerr << "expected the number of rounds, and the seed\n";
    return 2;
  }
  Comparison comparison(seed);
  for (int round = 0; round < rounds; ++round) comparison.Round();
  return comparison.Print(rounds);
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_RANDOM_ROUNDS_H_
