// What tests that run on each board have in common.
#ifndef BOOTSEAL_TESTS_QEMU_ON_BOARD_H_
#define BOOTSEAL_TESTS_QEMU_ON_BOARD_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/qemu/bench.h"
#include "tests/support/device.h"

namespace bootseal::tests {

// A bootloader of a P-256 product, and an image for it.
class OnBoard : public testing::TestWithParam<std::string> {
 protected:
  OnBoard();

  std::uint32_t Symbol(const std::string& name) const;

  Device device_;
  Bench bench_;
  std::string image_;
};

// The boards in QEMU, and what a test on one is called.
inline const auto kBoards = testing::Values("mps2-an505", "mps2-an521");
std::string ShortName(const testing::TestParamInfo<std::string>& board);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_QEMU_ON_BOARD_H_
