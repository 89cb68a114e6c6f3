#include "firmware/image/hardened.h"

#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::AsBytes;

TEST(WhenZero, IsOkForNoDifferenceAtAll) {
  EXPECT_EQ(image::WhenZero(0, 0, Error::kDer), Error::kOk);
}

TEST(WhenZero, IsTheErrorForADifferenceWhateverItsBits) {
  for (int bit = 0; bit < 32; ++bit) {
    const std::uint32_t word = std::uint32_t{1} << bit;
    EXPECT_EQ(image::WhenZero(word, word, Error::kDer), Error::kDer);
    EXPECT_EQ(image::WhenZero(0U - word, 0U - word, Error::kDer), Error::kDer);
  }
}

// One of the two was lost.
TEST(WhenZero, IsNotOkForADifferenceThatWasTakenOnce) {
  for (int bit = 0; bit < 32; ++bit) {
    const std::uint32_t word = std::uint32_t{1} << bit;
    EXPECT_NE(image::WhenZero(word, 0, Error::kDer), Error::kOk);
    EXPECT_NE(image::WhenZero(0, word, Error::kDer), Error::kOk);
  }
}

TEST(Same, HoldsForEqualBytes) {
  const std::string text = "digest";
  EXPECT_EQ(image::Same(AsBytes(text), AsBytes("digest"), Error::kKeyUnknown),
            Error::kOk);
  EXPECT_EQ(image::Same({}, {}, Error::kKeyUnknown), Error::kOk);
}

TEST(Same, FailsForEverySingleBit) {
  const std::string text = "0123456789abcdef0123456789abcdef";
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    ASSERT_EQ(image::Same(AsBytes(text), AsBytes(other), Error::kKeyUnknown),
              Error::kKeyUnknown)
        << bit;
  }
}

TEST(Same, FailsForAPrefix) {
  EXPECT_EQ(image::Same(AsBytes("ab"), AsBytes("abc"), Error::kKeyUnknown),
            Error::kKeyUnknown);
  EXPECT_EQ(image::Same(AsBytes("abc"), AsBytes("ab"), Error::kKeyUnknown),
            Error::kKeyUnknown);
  EXPECT_EQ(image::Same({}, AsBytes("a"), Error::kKeyUnknown),
            Error::kKeyUnknown);
}

}  // namespace
}  // namespace bootseal::tests
