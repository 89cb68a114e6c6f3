// Changed inputs without libFuzzer: a fixed sequence, so that a failure can be
// had again.
#ifndef BOOTSEAL_TESTS_FUZZ_MUTATION_H_
#define BOOTSEAL_TESTS_FUZZ_MUTATION_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bootseal::tests {

using FuzzBytes = std::vector<std::uint8_t>;

// Not thread-safe.
class Mutation {
 public:
  // At least one seed. The same seeds give the same sequence.
  explicit Mutation(std::vector<FuzzBytes> seeds)
      : seeds_(std::move(seeds)), random_(1) {}

  // A seed with one to eight changes: a bit, a byte, a piece cut out, doubled,
  // or put in from another seed, an end cut off.
  FuzzBytes Next();

 private:
  std::size_t Below(std::size_t end);
  const FuzzBytes& AnySeed();
  void Change(FuzzBytes& bytes);
  void ChangeByte(FuzzBytes& bytes);
  void CutOut(FuzzBytes& bytes);
  void PutIn(FuzzBytes& bytes, const FuzzBytes& source);

  std::vector<FuzzBytes> seeds_;
  std::mt19937_64 random_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FUZZ_MUTATION_H_
