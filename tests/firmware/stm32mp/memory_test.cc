#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using image::Error;

using Memory = ChipCase;

TEST_F(Memory, WorksWhenAnEarlierStageStartedIt) {
  EXPECT_EQ(boards::Prepare(), Error::kOk);
  EXPECT_GT(chip_.ddr.accesses, 100U);
}

// Nothing is touched that would never answer: the model throws then.
TEST_F(Memory, IsRefusedWithoutAnyOfItsClocks) {
  for (const std::uint32_t clocks : {0x00U, 0x01U, 0x40U}) {
    chip_.DdrClocks(clocks);
    EXPECT_EQ(boards::Prepare(), Error::kMemory) << clocks;
  }
  EXPECT_EQ(chip_.ddr.accesses, 0U);
}

TEST_F(Memory, IsRefusedWhenItsControllerIsNotInNormalMode) {
  for (const std::uint32_t mode : {0U, 2U, 3U, 5U}) {
    chip_.ddr.mode = mode;
    EXPECT_EQ(boards::Prepare(), Error::kMemory) << mode;
  }
  EXPECT_EQ(chip_.ddr.accesses, 0U);
}

TEST_F(Memory, IsRefusedWithAnyDataLineStuck) {
  for (unsigned bit = 0; bit < 32; ++bit) {
    chip_.ddr.stuck_high = 1U << bit;
    EXPECT_EQ(boards::Prepare(), Error::kMemory) << bit;
    chip_.ddr.stuck_high = 0;
    chip_.ddr.stuck_low = 1U << bit;
    EXPECT_EQ(boards::Prepare(), Error::kMemory) << bit;
    chip_.ddr.stuck_low = 0;
  }
}

TEST_F(Memory, IsRefusedWhenItIsSmallerThanTheBoardSays) {
  for (std::uint32_t bytes = 16; bytes < 0x20000000; bytes <<= 1) {
    chip_.ddr.bytes = bytes;
    EXPECT_EQ(boards::Prepare(), Error::kMemory) << bytes;
  }
}

TEST_F(Memory, IsRefusedWhenNobodyAnswers) {
  chip_.ddr.stuck_high = UINT32_MAX;
  EXPECT_EQ(boards::Prepare(), Error::kMemory);
}

// What is loaded where: inside what was looked at.
TEST_F(Memory, HoldsEveryLoadArea) {
  using image::certificate::ImageRole;
  for (std::size_t i = 0; i < image::certificate::kImageRoles; ++i) {
    const auto area = boards::LoadArea(static_cast<ImageRole>(i));
    const auto begin = reinterpret_cast<std::uintptr_t>(area.data());
    EXPECT_GE(begin, 0xc0000000U);
    EXPECT_LE(begin + area.size(), 0xe0000000U);
    EXPECT_GT(area.size(), 0U);
  }
}

}  // namespace
}  // namespace bootseal::tests
