#include <array>

#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using image::Error;

using RootKey = ChipCase;

TEST_F(RootKey, IsTheOneWhoseHashIsFused) {
  for (std::uint32_t i = 0; i < 8; ++i) {
    chip_.bsec.cells[24 + i] = 0x10203040 + i;
  }
  std::array<std::byte, 32> hash{};
  ASSERT_EQ(boards::ReadRootKeyHash(hash), Error::kOk);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(hash[4 * i], std::byte{0x10});
    EXPECT_EQ(hash[4 * i + 3], static_cast<std::byte>(0x40 + i));
  }
  EXPECT_EQ(boards::kKeyHashForm, image::certificate::KeyHashForm::kPoint);
}

}  // namespace
}  // namespace bootseal::tests
