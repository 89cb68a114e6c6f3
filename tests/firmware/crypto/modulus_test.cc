// The device's long arithmetic against OpenSSL's, on random numbers and on
// those that make carries run.
#include "firmware/crypto/modulus.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/rand.h>

#include <memory>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"

namespace bootseal::crypto {
namespace {

using image::host::AsBytes;
using BigNumber = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

BigNumber New() { return BigNumber(BN_new(), BN_free); }

BigNumber FromText(const std::string& bytes) {
  return BigNumber(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<int>(bytes.size()), nullptr),
      BN_free);
}

std::string ToText(const BIGNUM* number, std::size_t size) {
  std::string bytes(size, '\0');
  EXPECT_EQ(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                         static_cast<int>(size)),
            static_cast<int>(size));
  return bytes;
}

std::string Random(std::size_t size) {
  std::string bytes(size, '\0');
  EXPECT_EQ(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                       static_cast<int>(size)),
            1);
  return bytes;
}

// Odd, top bit set: random ones, the largest, the smallest, and stripes.
std::vector<std::string> Moduli(std::size_t size) {
  std::vector<std::string> moduli{std::string(size, '\xff')};
  moduli.push_back('\x80' + std::string(size - 2, '\0') + '\x01');
  std::string stripes;
  while (stripes.size() < size) {
    stripes += std::string(4, '\xff') + std::string(4, '\0');
  }
  stripes.resize(size);
  stripes.back() = '\x01';
  moduli.push_back(stripes);
  for (int i = 0; i < 4; ++i) {
    std::string random = Random(size);
    random.front() = static_cast<char>(random.front() | 0x80);
    random.back() = static_cast<char>(random.back() | 1);
    moduli.push_back(random);
  }
  return moduli;
}

// Below n: 0, 1, 2, n - 1, n - 2, (n - 1) / 2, and random ones.
std::vector<BigNumber> NumbersBelow(const BIGNUM* n) {
  std::vector<BigNumber> numbers;
  for (const int small : {0, 1, 2}) {
    numbers.push_back(New());
    BN_set_word(numbers.back().get(), static_cast<unsigned>(small));
  }
  for (const int less : {1, 2}) {
    numbers.emplace_back(BN_dup(n), BN_free);
    BN_sub_word(numbers.back().get(), static_cast<unsigned>(less));
  }
  numbers.push_back(New());
  BN_rshift1(numbers.back().get(), n);
  for (int i = 0; i < 4; ++i) {
    numbers.push_back(New());
    BN_rand_range(numbers.back().get(), n);
  }
  return numbers;
}

template <int kBits>
std::string TextOf(const typename Modulus<kBits>::Number& number) {
  std::string bytes(kBits / 8, '\0');
  ToBigEndian(std::as_writable_bytes(std::span(bytes.data(), bytes.size())),
              number);
  return bytes;
}

// a b / R for R = 2^kBits, by division.
template <int kBits>
std::string ExpectedProduct(const BIGNUM* a, const BIGNUM* b, const BIGNUM* n) {
  BN_CTX* context = BN_CTX_new();
  const BigNumber r = New();
  const BigNumber product = New();
  BN_set_bit(r.get(), kBits);
  const BigNumber inverse(BN_mod_inverse(nullptr, r.get(), n, context),
                          BN_free);
  BN_mod_mul(product.get(), a, b, n, context);
  BN_mod_mul(product.get(), product.get(), inverse.get(), n, context);
  BN_CTX_free(context);
  return ToText(product.get(), kBits / 8);
}

template <typename Bits>
class ModulusTest : public testing::Test {
 protected:
  static constexpr int kBits = Bits::value;
  static constexpr std::size_t kSize = kBits / 8;
  using Number = typename Modulus<kBits>::Number;

  // Calls check(modulus, n, a, b) for all pairs.
  template <typename Check>
  void ForAllPairs(const Check& check) {
    for (const std::string& text : Moduli(kSize)) {
      const Modulus<kBits> modulus(AsBytes(text));
      const BigNumber n = FromText(text);
      const std::vector<BigNumber> numbers = NumbersBelow(n.get());
      for (const BigNumber& a : numbers) {
        for (const BigNumber& b : numbers) {
          check(modulus, n.get(), a.get(), b.get());
        }
      }
    }
  }

  static Number Read(const Modulus<kBits>& modulus, const BIGNUM* number) {
    Number out;
    EXPECT_TRUE(modulus.Read(out, AsBytes(ToText(number, kSize))));
    return out;
  }
};

using AllSizes = testing::Types<
    std::integral_constant<int, 256>, std::integral_constant<int, 384>,
    std::integral_constant<int, 2048>, std::integral_constant<int, 3072>>;
TYPED_TEST_SUITE(ModulusTest, AllSizes);

TYPED_TEST(ModulusTest, MultipliesAsDivisionDoes) {
  this->ForAllPairs([](const auto& modulus, const BIGNUM* n, const BIGNUM* a,
                       const BIGNUM* b) {
    auto product = TestFixture::Read(modulus, a);
    modulus.Multiply(product, product, TestFixture::Read(modulus, b));
    EXPECT_EQ(TextOf<TestFixture::kBits>(product),
              ExpectedProduct<TestFixture::kBits>(a, b, n));
  });
}

TYPED_TEST(ModulusTest, AddsAndSubtractsWithinTheModulus) {
  this->ForAllPairs([](const auto& modulus, const BIGNUM* n, const BIGNUM* a,
                       const BIGNUM* b) {
    const auto left = TestFixture::Read(modulus, a);
    const auto right = TestFixture::Read(modulus, b);
    typename TestFixture::Number result;
    const BigNumber expected = New();
    modulus.Add(result, left, right);
    BN_mod_add_quick(expected.get(), a, b, n);
    EXPECT_EQ(TextOf<TestFixture::kBits>(result),
              ToText(expected.get(), TestFixture::kSize));
    modulus.Subtract(result, left, right);
    BN_mod_sub_quick(expected.get(), a, b, n);
    EXPECT_EQ(TextOf<TestFixture::kBits>(result),
              ToText(expected.get(), TestFixture::kSize));
  });
}

TYPED_TEST(ModulusTest, LeavesAndReturnsFromMontgomeryForm) {
  this->ForAllPairs(
      [](const auto& modulus, const BIGNUM*, const BIGNUM* a, const BIGNUM*) {
        auto number = TestFixture::Read(modulus, a);
        const typename TestFixture::Number one{1};
        modulus.ToMontgomery(number);
        modulus.Multiply(number, number, one);
        EXPECT_EQ(TextOf<TestFixture::kBits>(number),
                  ToText(a, TestFixture::kSize));
      });
}

TYPED_TEST(ModulusTest, RefusesNumbersThatAreNotBelowIt) {
  for (const std::string& text : Moduli(TestFixture::kSize)) {
    const Modulus<TestFixture::kBits> modulus(AsBytes(text));
    typename TestFixture::Number number;
    EXPECT_FALSE(modulus.Read(number, AsBytes(text)));
    const std::string ones(TestFixture::kSize, '\xff');
    EXPECT_FALSE(modulus.Read(number, AsBytes(ones)));
  }
}

}  // namespace
}  // namespace bootseal::crypto
