// A log of "entry-0", "entry-1", ... as it asks a witness.
#ifndef BOOTSEAL_TESTS_CLIENT_WITNESS_GROWTH_H_
#define BOOTSEAL_TESTS_CLIENT_WITNESS_GROWTH_H_

#include <cstdint>
#include <string>

#include "tests/client/cli/test_log.h"

namespace bootseal::tests {

// Body of add-checkpoint from one size to another.
std::string Growth(const TestLog& log, std::uint64_t old_size,
                   std::uint64_t size);
// The same with another root under the log's own signature, and the proof of
// the true one.
std::string Fork(const TestLog& log, std::uint64_t old_size,
                 std::uint64_t size);

// PEM file of a witness's key, mode 0600, at `path`; its name is kWitness.
void WriteWitnessKey(const std::string& path);
inline constexpr char kWitness[] = "witness.example/w1";
// Of that key.
std::string WitnessKeyText();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_WITNESS_GROWTH_H_
