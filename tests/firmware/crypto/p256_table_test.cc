#include "firmware/image/host/p256_table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "firmware/image/crypto.h"
#include "firmware/image/der.h"
#include "tests/firmware/crypto/corpus.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;
using image::host::P256Table;
using image::host::P256TableOfKey;

// More than the uses that make a key worth its table.
constexpr int kManyUses = 2000;

Bytes AsBytes(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

Error Verdict(const CryptoCase& c) {
  return image::VerifySignature(Algorithm::kP256, AsBytes(c.public_key),
                                AsBytes(c.digest), AsBytes(c.signature));
}

Bytes PointOf(const CryptoCase& c) {
  const auto point =
      image::ReadRawPublicKey(Algorithm::kP256, AsBytes(c.public_key));
  return point.ok() ? *point : Bytes();
}

TEST(P256Table, AnswersEveryCaseAsAPlainVerificationDoes) {
  std::map<std::string, std::unique_ptr<const P256Table>> tables;
  int accepted = 0;
  int refused = 0;
  for (const CryptoCase& c : CryptoCorpus(Algorithm::kP256)) {
    const auto signature = image::ReadEcdsaSignature(AsBytes(c.signature), 32);
    auto& table = tables[c.public_key];
    if (!table) table = P256Table::Make(PointOf(c));
    if (!signature.ok() || !table) {
      EXPECT_NE(c.verdict, Error::kOk) << c.name;
      continue;
    }
    const bool good = table->Verifies(AsBytes(c.digest), *signature);
    EXPECT_EQ(good, c.verdict == Error::kOk) << c.name;
    ++(good ? accepted : refused);
  }
  EXPECT_GT(accepted, 20);
  EXPECT_GT(refused, 20);
}

TEST(P256Table, IsNotMadeOfAPointThatIsNotOnTheCurve) {
  const CryptoCase genuine = GenuineCase(Algorithm::kP256);
  std::string point(reinterpret_cast<const char*>(PointOf(genuine).data()), 64);
  EXPECT_NE(P256Table::Make(AsBytes(point)), nullptr);
  point.back() = static_cast<char>(point.back() ^ 1);
  EXPECT_EQ(P256Table::Make(AsBytes(point)), nullptr);
  EXPECT_EQ(P256Table::Make(AsBytes(std::string(64, '\0'))), nullptr);
  EXPECT_EQ(P256Table::Make(AsBytes(point.substr(1))), nullptr);
  EXPECT_EQ(P256Table::Make({}), nullptr);
}

TEST(P256Table, RefusesADigestOfAnotherLength) {
  const CryptoCase genuine = GenuineCase(Algorithm::kP256);
  const auto table = P256Table::Make(PointOf(genuine));
  ASSERT_NE(table, nullptr);
  const auto signature =
      image::ReadEcdsaSignature(AsBytes(genuine.signature), 32);
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(table->Verifies(AsBytes(genuine.digest), *signature));
  EXPECT_FALSE(table->Verifies(AsBytes(genuine.digest).first(31), *signature));
  EXPECT_FALSE(table->Verifies({}, *signature));
}

TEST(P256Table, IsMadeOnceAKeyHasVerifiedManySignatures) {
  const CryptoCase genuine = GenuineCase(Algorithm::kP256);
  const auto key = P256TableOfKey::Of(PointOf(genuine));
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key, P256TableOfKey::Of(PointOf(genuine)));
  EXPECT_EQ(key->ForNextUse(), nullptr);
  for (int i = 0; i < kManyUses; ++i) key->ForNextUse();
  EXPECT_NE(key->ForNextUse(), nullptr);
}

TEST(P256Table, ChangesNoVerdictWhenItComesIntoUse) {
  std::vector<CryptoCase> corpus = CryptoCorpus(Algorithm::kP256);
  const CryptoCase genuine = corpus.front();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&genuine] {
      for (int use = 0; use < kManyUses; ++use) {
        ASSERT_EQ(Verdict(genuine), Error::kOk);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_NE(P256TableOfKey::Of(PointOf(genuine))->ForNextUse(), nullptr);
  for (const CryptoCase& c : corpus) EXPECT_EQ(Verdict(c), c.verdict) << c.name;
}

}  // namespace
}  // namespace bootseal::tests
