// Numbers modulo the order of Ed25519's group: our reduction against
// libsodium's, which it replaces.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>

extern "C" {
void sc25519_reduce(unsigned char s[64]);
void libsodium_sc25519_reduce(unsigned char s[64]);
}

namespace bootseal::tests {
namespace {

using Wide = std::array<unsigned char, 64>;

constexpr std::array<unsigned char, 32> kOrder = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
    0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

// The first half; the second is left as it happens to be.
std::array<unsigned char, 32> Ours(Wide number) {
  sc25519_reduce(number.data());
  std::array<unsigned char, 32> half;
  std::copy(number.begin(), number.begin() + 32, half.begin());
  return half;
}

std::array<unsigned char, 32> Libsodiums(Wide number) {
  libsodium_sc25519_reduce(number.data());
  std::array<unsigned char, 32> half;
  std::copy(number.begin(), number.begin() + 32, half.begin());
  return half;
}

// order * factor + difference, with the order `shift` bytes up.
Wide NearAMultiple(unsigned factor, int difference, std::size_t shift) {
  Wide number{};
  int carry = difference;
  for (std::size_t i = 0; i < number.size(); ++i) {
    const bool inside = i >= shift && i - shift < kOrder.size();
    carry += inside ? static_cast<int>(kOrder[i - shift] * factor) : 0;
    number[i] = static_cast<unsigned char>(carry & 0xff);
    carry >>= 8;
  }
  return number;
}

TEST(Reduction, IsLibsodiumsAroundMultiplesOfTheOrder) {
  for (std::size_t shift = 0; shift <= 31; ++shift) {
    for (const unsigned factor : {1U, 2U, 3U, 15U, 16U, 255U}) {
      for (int difference = -2; difference <= 2; ++difference) {
        const Wide number = NearAMultiple(factor, difference, shift);
        EXPECT_EQ(Ours(number), Libsodiums(number))
            << shift << " " << factor << " " << difference;
      }
    }
  }
}

TEST(Reduction, OfAMultipleIsZero) {
  for (std::size_t shift = 0; shift <= 31; ++shift) {
    EXPECT_EQ(Ours(NearAMultiple(7, 0, shift)),
              (std::array<unsigned char, 32>{}));
  }
}

TEST(Reduction, IsLibsodiumsForTheSmallestAndTheLargest) {
  Wide number{};
  EXPECT_EQ(Ours(number), Libsodiums(number));
  for (std::size_t size = 1; size <= number.size(); ++size) {
    number[size - 1] = 0xff;
    EXPECT_EQ(Ours(number), Libsodiums(number)) << size;
  }
}

TEST(Reduction, IsLibsodiumsForAnything) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Wide number;
    for (unsigned char& byte : number) {
      byte = static_cast<unsigned char>(random());
    }
    ASSERT_EQ(Ours(number), Libsodiums(number));
  }
}

}  // namespace
}  // namespace bootseal::tests
