#include "firmware/image/host/ed25519_point.h"

#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/convert.h"
#include "tests/firmware/crypto/edwards.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::IsStrictEd25519Point;

bool IsStrict(const std::string& encoded) {
  return IsStrictEd25519Point(AsBytes(encoded));
}

// With the other sign, too.
void ExpectRefused(const std::string& encoded) {
  EXPECT_FALSE(IsStrict(encoded));
  EXPECT_FALSE(IsStrict(FlipBit(encoded, 255)));
}

TEST(StrictEd25519Point, IsNoneOfTheEightOfSmallOrder) {
  for (unsigned times = 0; times < 8; ++times) {
    ExpectRefused(Encode(Torsion(times)));
    EXPECT_EQ(Encode(Times(NumberOf(8).get(), Torsion(times))),
              Encode(EdwardsPoint{}));
  }
}

TEST(StrictEd25519Point, HasAYBelowThePrime) {
  for (unsigned y = 0; y < 19; ++y) ExpectRefused(EncodedPrimePlus(y));
  ExpectRefused(std::string(32, '\xff'));
}

TEST(StrictEd25519Point, IsEveryOtherYUpToTheEdges) {
  for (unsigned y = 2; y < 40; ++y) {
    std::string encoded(32, '\0');
    encoded.front() = static_cast<char>(y);
    EXPECT_TRUE(IsStrict(encoded)) << y;
    EXPECT_TRUE(IsStrict(FlipBit(encoded, 255))) << y;
    EXPECT_TRUE(IsStrict((FieldElement(0) - FieldElement(y)).bytes())) << y;
  }
  for (std::size_t bit = 0; bit < 255; ++bit) {  // next to one of small order
    EXPECT_TRUE(IsStrict(FlipBit(Encode(Torsion(1)), bit))) << bit;
    EXPECT_TRUE(IsStrict(FlipBit(Encode(Torsion(3)), bit))) << bit;
  }
}

TEST(StrictEd25519Point, MayHaveAPartOfSmallOrder) {
  const SigningKey key(image::Algorithm::kEd25519);
  const auto point = Decode(key.public_key().substr(12));
  ASSERT_TRUE(point.has_value());
  for (unsigned times = 0; times < 8; ++times) {
    EXPECT_TRUE(IsStrict(Encode(Sum(*point, Torsion(times)))));
  }
}

TEST(StrictEd25519Point, HasThirtyTwoBytes) {
  const std::string key =
      SigningKey(image::Algorithm::kEd25519).public_key().substr(12);
  EXPECT_TRUE(IsStrict(key));
  EXPECT_FALSE(IsStrict(""));
  EXPECT_FALSE(IsStrict(key.substr(1)));
  EXPECT_FALSE(IsStrict(key + '\0'));
}

}  // namespace
}  // namespace bootseal::tests
