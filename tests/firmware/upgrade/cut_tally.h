// What came of cutting the power everywhere.
#ifndef BOOTSEAL_TESTS_FIRMWARE_UPGRADE_CUT_TALLY_H_
#define BOOTSEAL_TESTS_FIRMWARE_UPGRADE_CUT_TALLY_H_

#include <gmock/gmock.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

namespace bootseal::tests {

struct CutTally {
  std::uint64_t runs = 0;
  std::uint64_t operations = 0;
  std::vector<std::string> failures;
};

// No failure where there was something to cut. Prints the count.
inline void ExpectNoFailure(const CutTally& tally) {
  EXPECT_THAT(tally.failures, testing::IsEmpty());
  EXPECT_GT(tally.operations, 0U);
  std::cout << "power cuts: " << tally.runs << " at " << tally.operations
            << " operations, " << tally.failures.size() << " failures\n";
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_UPGRADE_CUT_TALLY_H_
