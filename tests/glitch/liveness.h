// Of which memory a program still reads what is in it, at some moments of a
// run: whatever the rest holds, the run goes on in the same way.
#ifndef BOOTSEAL_TESTS_GLITCH_LIVENESS_H_
#define BOOTSEAL_TESTS_GLITCH_LIVENESS_H_

#include <cstdint>
#include <vector>

#include "tests/glitch/machine.h"

namespace bootseal::tests {

class Liveness {
 public:
  // Of these ranges, which do not overlap.
  explicit Liveness(const std::vector<Range32>& ranges);

  // A moment has come; they are numbered from 0.
  void Mark() { ++moments_; }
  void See(Machine::Access access, std::uint32_t address, std::uint32_t size);

  // Only that part of what was saved at the moment which was read later, before
  // anything was written there.
  Machine::State Keep(const Machine::State& saved, std::size_t moment) const;

 private:
  struct Memory {
    Range32 range;
    // By byte: how many moments had come when it was accessed last.
    std::vector<std::uint8_t> seen;
    // By byte: one bit for each moment.
    std::vector<std::uint32_t> live;
  };

  const Memory* Of(std::uint32_t address) const;

  std::vector<Memory> all_;
  std::uint8_t moments_ = 0;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_LIVENESS_H_
