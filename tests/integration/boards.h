// The boards in QEMU, with a bootloader that has the rules and the key of one
// of an installation's targets.
#ifndef BOOTSEAL_TESTS_INTEGRATION_BOARDS_H_
#define BOOTSEAL_TESTS_INTEGRATION_BOARDS_H_

#include <gtest/gtest.h>

#include <string>

#include "tests/integration/installation.h"

namespace bootseal::tests {

// The payload of the build for `board`: a file.
std::string BoardPayload(const std::string& board);

// Fails the test when it cannot be made.
void ProvisionBoard(const Installation& installation, const std::string& board,
                    const std::string& algorithm, const std::string& target);

// Boots a file of the installation's through the bootloader provisioned last.
Outcome BootBoard(const Installation& installation, const std::string& board,
                  const std::string& image);

struct BoardAndAlgorithm {
  std::string board;
  std::string algorithm;
};
std::string NameOf(const testing::TestParamInfo<BoardAndAlgorithm>& info);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_INTEGRATION_BOARDS_H_
