#include "firmware/image/der.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "firmware/image/host/convert.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;
using image::host::AsBytes;
using image::host::ToString;

std::string Hex(const char* digits) { return absl::HexStringToBytes(digits); }

TEST(EcdsaDer, YieldsMagnitudesWithoutLeadingZeros) {
  const std::string der =
      Hex("3007020100ff0201"
          "05");
  const std::string good = Hex("3007020200ff020105");
  const auto signature = image::ReadEcdsaSignature(AsBytes(good), 32);
  ASSERT_TRUE(signature.ok());
  EXPECT_EQ(ToString(signature->r), Hex("ff"));
  EXPECT_EQ(ToString(signature->s), Hex("05"));
  EXPECT_FALSE(image::ReadEcdsaSignature(AsBytes(der), 32).ok());
}

struct BadDer {
  const char* what;
  const char* hex;
};

class EcdsaDerRefuses : public testing::TestWithParam<BadDer> {};

TEST_P(EcdsaDerRefuses, TheForm) {
  const std::string der = Hex(GetParam().hex);
  EXPECT_EQ(image::ReadEcdsaSignature(AsBytes(der), 2).error(), Error::kDer)
      << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Forms, EcdsaDerRefuses,
    testing::Values(
        BadDer{"nothing", ""}, BadDer{"a byte after it", "300602010102010500"},
        BadDer{"a byte inside after s",
               "30070201010201"
               "0500"},
        BadDer{"padded r",
               "30070202000102"
               "0105"},
        BadDer{"negative r", "3006020181020105"},
        BadDer{"zero r", "3006020100020105"},
        BadDer{"zero s", "3006020101020100"},
        BadDer{"empty r", "30050200020105"},
        BadDer{"r longer than a coordinate", "30080203010203020105"},
        BadDer{"long form of a short length", "308106020101020105"},
        BadDer{"indefinite length", "30800201010201050000"},
        BadDer{"length beyond the end", "3007020101020105"},
        BadDer{"a SET", "3106020101020105"},
        BadDer{"an OCTET STRING for s", "3006020101040105"},
        BadDer{"only r", "3003020101"}, BadDer{"raw r and s", "01020304"}));

TEST(EcdsaDer, RefusesEveryTruncation) {
  const auto& key = SharedKey(Algorithm::kP256);
  const std::string digest(32, 'd');
  const std::string der = key.Sign(AsBytes(digest));
  ASSERT_TRUE(image::ReadEcdsaSignature(AsBytes(der), 32).ok());
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(image::ReadEcdsaSignature(AsBytes(der).first(size), 32).error(),
              Error::kDer);
  }
}

TEST(RsaKeyDer, TakesTheAlgorithmsOwnSizeOnly) {
  const std::string& der = SharedKey(Algorithm::kRsa2048).public_key();
  const auto key = image::ReadRsaPublicKey(Algorithm::kRsa2048, AsBytes(der));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->modulus.size(), 256U);
  EXPECT_EQ(ToString(key->exponent), Hex("010001"));
  for (const Algorithm other : {Algorithm::kRsa3072, Algorithm::kP256}) {
    EXPECT_EQ(image::ReadRsaPublicKey(other, AsBytes(der)).error(),
              Error::kKeyFormat);
  }
}

TEST(RsaKeyDer, RefusesAByteMoreOrLess) {
  const std::string& der = SharedKey(Algorithm::kRsa2048).public_key();
  EXPECT_FALSE(
      image::ReadRsaPublicKey(Algorithm::kRsa2048, AsBytes(der + 'x')).ok());
  EXPECT_FALSE(image::ReadRsaPublicKey(Algorithm::kRsa2048,
                                       AsBytes(der).first(der.size() - 1))
                   .ok());
}

class RawKeyDer : public testing::TestWithParam<Algorithm> {};

TEST_P(RawKeyDer, TakesExactlyTheNamedCurve) {
  const std::string& der = SharedKey(GetParam()).public_key();
  EXPECT_TRUE(image::ReadRawPublicKey(GetParam(), AsBytes(der)).ok());
  const std::size_t prefix = image::RawPublicKeyPrefix(GetParam()).size();
  for (std::size_t i = 0; i < prefix; ++i) {
    std::string changed = der;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(image::ReadRawPublicKey(GetParam(), AsBytes(changed)).error(),
              Error::kKeyFormat)
        << i;
  }
  EXPECT_FALSE(image::ReadRawPublicKey(GetParam(), AsBytes(der + 'x')).ok());
}

INSTANTIATE_TEST_SUITE_P(Algorithms, RawKeyDer,
                         testing::Values(Algorithm::kP256, Algorithm::kP384,
                                         Algorithm::kEd25519,
                                         Algorithm::kBrainpoolP256t1));

}  // namespace
}  // namespace bootseal::tests
