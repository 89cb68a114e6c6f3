// A started board over the model, of which no rule may be broken.
#ifndef BOOTSEAL_TESTS_FIRMWARE_STM32MP_CHIP_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_STM32MP_CHIP_CASE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/boards/board.h"
#include "firmware/boards/second_stage.h"
#include "tests/firmware/stm32mp/chip_model.h"

namespace bootseal::tests {

class ChipCase : public testing::Test {
 protected:
  ChipCase() {
    boards::Init();
    chip_.DdrClocks(0x41);
  }
  void TearDown() override {
    EXPECT_THAT(chip_.violations, testing::IsEmpty());
  }

  ChipModel chip_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_STM32MP_CHIP_CASE_H_
