#include <array>
#include <string>

#include "firmware/boards/stm32mp/fuses.h"
#include "firmware/boards/stm32mp/port.h"
#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using boards::stm32mp::ReadFuse;
using boards::stm32mp::ReadKeyHash;
using image::Error;

class Fuses : public ChipCase {
 protected:
  Fuses() {
    for (std::uint32_t i = 0; i < chip_.bsec.cells.size(); ++i) {
      chip_.bsec.cells[i] = 0x01020304 * (i + 1);
    }
    // Whatever somebody had put over it.
    chip_.bsec.loaded.fill(0xdeadbeef);
  }
};

TEST_F(Fuses, LoadsEachWordAnewFromItsCells) {
  for (std::uint32_t i = 0; i < 96; ++i) {
    const auto word = ReadFuse(i);
    ASSERT_TRUE(word.ok()) << i;
    EXPECT_EQ(*word, chip_.bsec.cells[i]) << i;
  }
}

TEST_F(Fuses, ReadsTheKeyHashMostSignificantByteFirst) {
  chip_.bsec.cells[24] = 0x00112233;
  chip_.bsec.cells[31] = 0xccddeeff;
  std::array<std::byte, 32> hash{};
  ASSERT_EQ(ReadKeyHash(hash), Error::kOk);
  EXPECT_EQ(hash[1], std::byte{0x11});
  EXPECT_EQ(hash[3], std::byte{0x33});
  EXPECT_EQ(hash[28], std::byte{0xcc});
  EXPECT_EQ(hash[31], std::byte{0xff});
}

TEST_F(Fuses, GivesThePowerBack) {
  ASSERT_TRUE(ReadFuse(24).ok());
  EXPECT_EQ(chip_.bsec.configuration, 0x1cU);
  chip_.bsec.configuration = 0x1d;
  ASSERT_TRUE(ReadFuse(24).ok());
  EXPECT_EQ(chip_.bsec.configuration, 0x1dU);
}

// It cannot be loaded again before a reset: what was loaded counts.
TEST_F(Fuses, TakesWhatWasLoadedOfALockedWord) {
  chip_.bsec.read_locked = {57};
  chip_.bsec.loaded[57] = 0x77;
  const auto word = ReadFuse(57);
  ASSERT_TRUE(word.ok());
  EXPECT_EQ(*word, 0x77U);
  EXPECT_EQ(chip_.bsec.loads, 0U);
}

TEST_F(Fuses, RefusesAWordThatLoadsWithAnError) {
  chip_.bsec.errors = {24, 63};
  EXPECT_EQ(ReadFuse(24).error(), Error::kStorage);
  EXPECT_EQ(ReadFuse(63).error(), Error::kStorage);
  EXPECT_TRUE(ReadFuse(25).ok());
  EXPECT_TRUE(ReadFuse(31).ok());
}

TEST_F(Fuses, RefusesAWordThatWasDisturbed) {
  chip_.bsec.disturbed = {31, 64};
  EXPECT_EQ(ReadFuse(31).error(), Error::kStorage);
  EXPECT_EQ(ReadFuse(64).error(), Error::kStorage);
  EXPECT_TRUE(ReadFuse(32).ok());
}

TEST_F(Fuses, RefusesALockedWordThatWasDisturbed) {
  chip_.bsec.read_locked = {30};
  chip_.bsec.disturbed = {30};
  EXPECT_EQ(ReadFuse(30).error(), Error::kStorage);
}

TEST_F(Fuses, RefusesAKeyHashWithAnyWordInError) {
  for (std::uint32_t word = 24; word < 32; ++word) {
    std::array<std::byte, 32> hash{};
    chip_.bsec.errors = {word};
    EXPECT_EQ(boards::ReadRootKeyHash(hash), Error::kStorage) << word;
    chip_.bsec.errors.clear();
    chip_.bsec.disturbed = {word};
    EXPECT_EQ(boards::ReadRootKeyHash(hash), Error::kStorage) << word;
    chip_.bsec.disturbed.clear();
  }
}

TEST_F(Fuses, RefusesOtpInAnInvalidState) {
  chip_.bsec.invalid = true;
  EXPECT_EQ(ReadFuse(24).error(), Error::kStorage);
  EXPECT_EQ(chip_.bsec.loads, 0U);
}

TEST_F(Fuses, RefusesAnotherKindOfOtp) {
  chip_.bsec.identity = 0x00100031;
  EXPECT_EQ(ReadFuse(24).error(), Error::kStorage);
}

TEST_F(Fuses, DoesNotWaitForeverForPower) {
  chip_.bsec.power_dead = true;
  EXPECT_EQ(ReadFuse(24).error(), Error::kStorage);
  EXPECT_EQ(chip_.bsec.loads, 0U);
}

TEST_F(Fuses, DoesNotWaitForeverForAWord) {
  chip_.bsec.busy_forever = true;
  EXPECT_EQ(ReadFuse(24).error(), Error::kStorage);
}

TEST_F(Fuses, RefusesAWordThatDoesNotExist) {
  EXPECT_EQ(ReadFuse(96).error(), Error::kStorage);
  EXPECT_EQ(ReadFuse(UINT32_MAX).error(), Error::kStorage);
}

TEST_F(Fuses, TellsZerosFromAPartThatCannotBeFused) {
  for (const std::uint32_t value : {0U, 0xffffffffU}) {
    for (std::uint32_t word = 24; word < 32; ++word) {
      chip_.bsec.cells[word] = value;
    }
    std::array<std::byte, 32> hash;
    hash.fill(std::byte{0x5a});
    EXPECT_EQ(boards::ReadRootKeyHash(hash), Error::kOk);
    EXPECT_THAT(hash, testing::Each(std::byte{0})) << value;
  }
}

}  // namespace
}  // namespace bootseal::tests
