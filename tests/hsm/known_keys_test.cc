#include "hsm/known_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "tests/support/status_matchers.h"

namespace bootseal::hsm {
namespace {

using tests::MessageHas;
using tests::StatusIs;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

// Public halves of keys that are in public repositories.
struct CurveKey {
  const char* name;
  const char* algorithm;
  const char* point;
};

constexpr CurveKey kCurveKeys[] = {
    {"MCUboot root-ec-p256.pem", "p256",
     "042acb403ce8feed5ba44995a1a91daee8dbbe1937cd14fb2f245737e5953988d9"
     "94b9d65aebd7cdd5308ad6fe48b24a6a810ee5f07d8b6834cc3a6afc538efac1"},
    {"MCUboot root-ed25519.pem", "ed25519",
     "d4b31ba49a3add3f825d10ca7f31b50b0de87f37ccc49f1a403a5c1320ffb4e0"},
    {"TF-A arm_rotprivk_ecdsa.pem", "p256",
     "049be648bd3438e1a2a4f370e154bb2fb05a4a0cffc287dbc0fb81e9f9f9957d7e"
     "a00c7f0ad4e0624a945fec527d4463c89f61fac6cb7e6b53ad2cc5940d1a8691"},
    {"TF-A arm_rotprivk_ecdsa_secp384r1.pem", "p384",
     "04b8b0c7c45719b75a0636c5d83c4ec3b5e115600e63d8af222c6d7929df46a93"
     "012162d4f0f966b1f8706db8fd70846e44c22f3dece0f722700aad8c379805ef13"
     "51b33b631c459d4e9659122582f87f16c27be996f5f6c14c5370c73b4e48a63"},
    {"RFC 8032 7.1 test 1", "ed25519",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
};

struct RsaKey {
  const char* name;
  const char* modulus;
};

constexpr RsaKey kRsaKeys[] = {
    {"MCUboot root-rsa-2048.pem",
     "d106081a18442c18e8fbfdf70da34f1fbbee5ef9aad24b18d35ae96d188019f9f0"
     "9c341bcbf3bc74db42e78c7f10537e435e0d572c44d167080f0dbb5ceeecb399df"
     "e04d840baa774160ed152849a701b43c10e6698c2f5fac414d9e5c14dff2f8cf3d"
     "1e6fe75bbab4a9c8887e473c94c37767544baa8d3835ca62617eb7e115db7773d4"
     "be7b7221896924fbf8656e643ec80ed785d55c4ae4530d2fffb7fdf31339833fa3"
     "aed20fa76a9df9feb8cefa2abeafb8e0fa823754f43ee12bd0d3085818f65e4cc8"
     "888131ad5fb08217f28a692723f3ab873e931a1dfee8f81a246659f81cabdcce68"
     "1b666435ecfa0d119daf5c3aa7d167c647efb14b2c62e1d1c9"},
    {"TF-A arm_rotprivk_rsa.pem",
     "cb2c60d58d63d407797ec71696bd4d244eac86e6b771e3c5540be7141cbd291ac1"
     "3f7ab602aaab36c4d936696ce265c39bb1bf3da85626cbfd0401baac3e5432ca79"
     "5ebbb205ea0658f274bae1f487c0190a1f6607778483a11cefff2859e7c3687d26"
     "2043eb5663f33931d82b51a9bc4fd0f6de95dc5f5bc1ed906fec28917e17ed7890"
     "f460a7c4c74f50ed5d133a212b70c5617b0821653acd82568c7a47ac89e8a54848"
     "31d91d46e5858698a0e5c0a66abd07e4925761078f7d5a4dcaae36b9560410f26c"
     "bef63b6c803ebe0ea34dc7d47ea749d4f2d2bccf30a8e7748f64dfbc5c4768cc40"
     "4cf883cccb40350460cab3a4179f03ca1d5afad1af215710d3"},
};

absl::StatusOr<PublicKey> Read(const CurveKey& key) {
  return PublicKey::FromPoint(*ParseAlgorithm(key.algorithm),
                              absl::HexStringToBytes(key.point));
}

absl::StatusOr<PublicKey> Read(const RsaKey& key) {
  return PublicKey::FromRsa(absl::HexStringToBytes(key.modulus),
                            absl::HexStringToBytes("010001"));
}

// Refused, with its source, and found under either form alone.
void ExpectKnown(const absl::StatusOr<PublicKey>& key, const char* name) {
  ASSERT_OK(key);
  EXPECT_THAT(CheckNotPubliclyKnown(*key, {}),
              StatusIs(kPrecondition, "KEY_PUBLICLY_KNOWN"));
  EXPECT_THAT(CheckNotPubliclyKnown(*key, {}), MessageHas(name));
  for (const std::string& der : {key->device_der(), key->spki()}) {
    const KnownKey* known = FindKnownKey(Sha256(der));
    ASSERT_NE(known, nullptr) << name;
    EXPECT_TRUE(absl::StartsWith(known->where, name)) << known->where;
  }
}

TEST(KnownKeys, RefusesCurveKeysOfPublicRepositories) {
  for (const CurveKey& key : kCurveKeys) ExpectKnown(Read(key), key.name);
}

TEST(KnownKeys, RefusesRsaKeysOfPublicRepositoriesInBothForms) {
  for (const RsaKey& key : kRsaKeys) {
    ASSERT_OK(Read(key));
    ASSERT_NE(Read(key)->device_der(), Read(key)->spki());
    ExpectKnown(Read(key), key.name);
  }
}

// arm_rotpk_rsa_sha256.bin, as TF-A's own tree has held it.
TEST(KnownKeys, HasTheHashThatTfaPublishesOfItsRotKey) {
  const KnownKey* known = FindKnownKey(absl::HexStringToBytes(
      "b0f382091297d83a377a72471bec3273e99232e24959f65e8b4a4a46d8229ada"));
  ASSERT_NE(known, nullptr);
  EXPECT_STREQ(known->where, "TF-A arm_rotprivk_rsa.pem");
}

TEST(KnownKeys, LetsAKeyPassThatDiffersInOnePlace) {
  // The generator of P-256: everybody knows its private half, one, but no
  // repository signs with it.
  const auto generator = PublicKey::FromPoint(
      Algorithm::kP256,
      absl::HexStringToBytes(
          "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));
  ASSERT_OK(generator);
  EXPECT_OK(CheckNotPubliclyKnown(*generator, {}));
  std::string modulus = absl::HexStringToBytes(kRsaKeys[0].modulus);
  modulus[7] = static_cast<char>(modulus[7] ^ 1);
  const auto other =
      PublicKey::FromRsa(modulus, absl::HexStringToBytes("010001"));
  ASSERT_OK(other);
  EXPECT_OK(CheckNotPubliclyKnown(*other, {}));
}

TEST(KnownKeys, FindsNothingUnderAHashThatIsNone) {
  const std::string known = absl::HexStringToBytes(KnownKeys()[0].spki_sha256);
  ASSERT_NE(FindKnownKey(known), nullptr);
  EXPECT_EQ(FindKnownKey(""), nullptr);
  EXPECT_EQ(FindKnownKey(known.substr(1)), nullptr);
  EXPECT_EQ(FindKnownKey(known + "x"), nullptr);
  EXPECT_EQ(FindKnownKey(KnownKeys()[0].spki_sha256), nullptr);
  EXPECT_EQ(FindKnownKey(std::string(32, '\0')), nullptr);
}

bool IsHash(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

TEST(KnownKeys, HoldsBothFormsOfEveryKeyAndNoKeyTwice) {
  std::map<std::string, const KnownKey*> seen;
  for (const KnownKey& known : KnownKeys()) {
    EXPECT_TRUE(IsHash(known.device_sha256)) << known.where;
    EXPECT_TRUE(IsHash(known.spki_sha256)) << known.where;
    EXPECT_STRNE(known.where, "");
    for (const std::string hash : {known.device_sha256, known.spki_sha256}) {
      const auto [row, inserted] = seen.try_emplace(hash, &known);
      EXPECT_TRUE(inserted || row->second == &known)
          << known.where << " and " << row->second->where << " are one key";
    }
  }
  EXPECT_GT(seen.size(), KnownKeys().size()) << "no key has two forms";
}

TEST(KnownKeys, CoversTheRepositoriesThatPeopleCopyKeysFrom) {
  for (const char* repository :
       {"MCUboot ", "TF-M ", "TF-A ", "OP-TEE OS ", "STM32CubeL5 ",
        "STM32CubeH5 ", "U-Boot ", "EDK II ", "ESP-IDF ", "RFC 8032 ",
        "RFC 6979 "}) {
    EXPECT_TRUE(std::any_of(KnownKeys().begin(), KnownKeys().end(),
                            [repository](const KnownKey& known) {
                              return absl::StartsWith(known.where, repository);
                            }))
        << repository;
  }
}

}  // namespace
}  // namespace bootseal::hsm
