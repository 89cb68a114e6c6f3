// The backend that the program is linked with, against what crypto.h promises.
#include "firmware/image/crypto.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::ToString;

std::string HexOf(HashAlgorithm algorithm, const std::string& text) {
  return absl::BytesToHexString(
      ToString(image::HashOf(algorithm, AsBytes(text)).bytes()));
}

// FIPS 180-4 examples.
TEST(Hash, OfAbcIsThePublishedOne) {
  EXPECT_EQ(HexOf(HashAlgorithm::kSha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HexOf(HashAlgorithm::kSha384, "abc"),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(HexOf(HashAlgorithm::kSha512, "abc"),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, GoesOnFromACopy) {
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
        HashAlgorithm::kSha512}) {
    image::Hash first(algorithm);
    first.Update(AsBytes(std::string(1000, 'a')));
    image::Hash second = first;
    first.Update(AsBytes("one"));
    second.Update(AsBytes("two"));
    EXPECT_EQ(
        first.Finish(),
        image::HashOf(algorithm, AsBytes(std::string(1000, 'a') + "one")));
    EXPECT_EQ(
        second.Finish(),
        image::HashOf(algorithm, AsBytes(std::string(1000, 'a') + "two")));
  }
}

class Signature : public testing::TestWithParam<Algorithm> {
 protected:
  const SigningKey& key() { return SharedKey(GetParam()); }
  std::string digest() {
    return std::string(HashSize(image::SignatureTraitsOf(GetParam())->hash),
                       'd');
  }
  Error Verify(const std::string& digest, const std::string& signature) {
    return image::VerifySignature(GetParam(), AsBytes(key().public_key()),
                                  AsBytes(digest), AsBytes(signature));
  }
};

TEST_P(Signature, IsAcceptedAgainAndAgain) {
  const std::string signature = key().Sign(AsBytes(digest()));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(Verify(digest(), signature), Error::kOk);
}

TEST_P(Signature, IsRefusedForAnotherDigest) {
  const std::string signature = key().Sign(AsBytes(digest()));
  std::string other = digest();
  other[0] = 'x';
  EXPECT_EQ(Verify(other, signature), Error::kSignatureMismatch);
  EXPECT_EQ(Verify(digest(), signature), Error::kOk);
}

TEST_P(Signature, IsRefusedWithAnySingleBitFlipped) {
  const std::string signature = key().Sign(AsBytes(digest()));
  for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit) {
    std::string changed = signature;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ASSERT_NE(Verify(digest(), changed), Error::kOk) << bit;
  }
}

TEST_P(Signature, IsRefusedWhenShorterOrLonger) {
  const std::string signature = key().Sign(AsBytes(digest()));
  EXPECT_NE(Verify(digest(), signature + '\0'), Error::kOk);
  EXPECT_NE(Verify(digest(), signature.substr(0, signature.size() - 1)),
            Error::kOk);
  EXPECT_NE(Verify(digest(), ""), Error::kOk);
}

TEST_P(Signature, IsRefusedUnderAnotherKey) {
  const std::string signature = key().Sign(AsBytes(digest()));
  const SigningKey other(GetParam());
  EXPECT_EQ(image::VerifySignature(GetParam(), AsBytes(other.public_key()),
                                   AsBytes(digest()), AsBytes(signature)),
            Error::kSignatureMismatch);
}

TEST_P(Signature, IsRefusedUnderAKeyThatIsNoKey) {
  const std::string signature = key().Sign(AsBytes(digest()));
  for (const std::string& der :
       {std::string(), std::string("key"), key().public_key() + 'x',
        key().public_key().substr(1)}) {
    EXPECT_EQ(image::VerifySignature(GetParam(), AsBytes(der),
                                     AsBytes(digest()), AsBytes(signature)),
              Error::kKeyFormat);
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Signature,
                         testing::Values(Algorithm::kRsa2048,
                                         Algorithm::kRsa3072, Algorithm::kP256,
                                         Algorithm::kP384, Algorithm::kEd25519,
                                         Algorithm::kBrainpoolP256t1));

// Its keys have the size of the twisted curve's.
TEST(Signature, OfBrainpoolsRegularCurveIsRefused) {
  EXPECT_EQ(
      image::VerifySignature(Algorithm::kBrainpoolP256t1,
                             AsBytes(PublicKeyOn("brainpoolP256r1")),
                             AsBytes(std::string(32, 'd')),
                             AsBytes(SharedKey(Algorithm::kBrainpoolP256t1)
                                         .Sign(AsBytes(std::string(32, 'd'))))),
      Error::kKeyFormat);
}

TEST(Signature, OfBrainpoolIsNoneOfMcuboots) {
  EXPECT_EQ(image::TraitsOf(Algorithm::kBrainpoolP256t1), nullptr);
  const SigningKey& key = SharedKey(Algorithm::kBrainpoolP256t1);
  const std::string digest(32, 'd');
  EXPECT_EQ(image::VerifySignature(Algorithm::kP256, AsBytes(key.public_key()),
                                   AsBytes(digest),
                                   AsBytes(key.Sign(AsBytes(digest)))),
            Error::kKeyFormat);
}

TEST(Signature, OfEd25519IsRefusedWithSBeyondTheGroupOrder) {
  const SigningKey& key = SharedKey(Algorithm::kEd25519);
  const std::string digest(32, 'd');
  std::string signature = key.Sign(AsBytes(digest));
  // S + L, little endian. L as in RFC 8032, section 5.1.
  const std::string order = absl::HexStringToBytes(
      "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  int carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) +
             static_cast<unsigned char>(order[i]);
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_EQ(
      image::VerifySignature(Algorithm::kEd25519, AsBytes(key.public_key()),
                             AsBytes(digest), AsBytes(signature)),
      Error::kSignatureMismatch);
}

TEST(Signature, StaysRightWithMoreKeysThanAreKept) {
  const std::string digest(32, 'd');
  std::vector<SigningKey> keys;
  for (int i = 0; i < 40; ++i) keys.emplace_back(Algorithm::kP256);
  for (int round = 0; round < 2; ++round) {
    for (const SigningKey& key : keys) {
      const std::string signature = key.Sign(AsBytes(digest));
      EXPECT_EQ(
          image::VerifySignature(Algorithm::kP256, AsBytes(key.public_key()),
                                 AsBytes(digest), AsBytes(signature)),
          Error::kOk);
    }
  }
}

}  // namespace
}  // namespace bootseal::tests
