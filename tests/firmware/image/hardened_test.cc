#include "firmware/image/hardened.h"

#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::AsBytes;

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
