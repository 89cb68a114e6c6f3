// Key slots in the OTP of an STM32L5: what a slot reads as.
#include "firmware/boards/stm32l5/otp_rows.h"

#include <gtest/gtest.h>

#include <vector>

namespace bootseal::tests {
namespace {

using boards::kKeySlotBytes;
using boards::kKeySlots;
using boards::stm32l5::kRowBytes;
using boards::stm32l5::ReadRow;
using image::Error;

using Hash = std::vector<std::byte>;

class OtpRows : public testing::Test {
 protected:
  OtpRows() : otp_(512, std::byte{0xff}) {}

  static Hash Filled(int value, std::size_t size = 32) {
    return Hash(size, static_cast<std::byte>(value));
  }
  void Program(std::size_t row, const Hash& hash) {
    image::Copy(hash, image::MutableBytes(otp_).subspan(row * kRowBytes));
  }
  Hash Read(int image, int slot, std::size_t size = 32) const {
    Hash hash = Filled(0x5a, size);
    EXPECT_EQ(ReadRow(otp_, static_cast<std::uint8_t>(image),
                      static_cast<std::uint8_t>(slot), hash),
              Error::kOk);
    return hash;
  }

  std::vector<std::byte> otp_;
};

TEST_F(OtpRows, ReadAsOnesWhenTheyAreBlank) {
  EXPECT_EQ(Read(0, 0), Filled(0xff));
  EXPECT_EQ(Read(1, 1), Filled(0xff));
}

TEST_F(OtpRows, AreOneForEachSlotOfEachImage) {
  for (std::size_t row = 0; row < 4; ++row) {
    Program(row, Filled(static_cast<int>(row + 1), kKeySlotBytes));
  }
  EXPECT_EQ(Read(0, 0), Filled(1));
  EXPECT_EQ(Read(0, 1, 48), Filled(2, 48));
  EXPECT_EQ(Read(1, 0, 64), Filled(3, 64));
  EXPECT_EQ(Read(1, 1), Filled(4));
}

TEST_F(OtpRows, ReadAsZerosWithAnyBitOfTheirMark) {
  Program(1, Filled(7));
  for (std::size_t bit = 0; bit < 64; ++bit) {
    std::byte& byte = otp_[kRowBytes + kKeySlotBytes + bit / 8];
    byte = ~static_cast<std::byte>(1 << bit % 8);
    EXPECT_EQ(Read(0, 1), Filled(0)) << bit;
    byte = std::byte{0xff};
  }
  EXPECT_EQ(Read(0, 1), Filled(7));
}

TEST_F(OtpRows, AreNotRevokedByTheMarkOfAnother) {
  Program(0, Filled(7));
  otp_[kRowBytes + kKeySlotBytes] = std::byte{0};
  EXPECT_EQ(Read(0, 0), Filled(7));
}

TEST_F(OtpRows, AreNotReadWhereThereAreNone) {
  Hash hash = Filled(0);
  EXPECT_EQ(ReadRow(otp_, 2, 0, hash), Error::kStorage);
  EXPECT_EQ(ReadRow(otp_, 0, kKeySlots, hash), Error::kStorage);
  Hash longer = Filled(0, kKeySlotBytes + 1);
  EXPECT_EQ(ReadRow(otp_, 0, 0, longer), Error::kStorage);
  EXPECT_EQ(ReadRow(image::Bytes(otp_).first(4 * kRowBytes - 1), 1, 1, hash),
            Error::kStorage);
}

}  // namespace
}  // namespace bootseal::tests
