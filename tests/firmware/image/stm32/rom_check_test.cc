// What a boot ROM makes of a first stage that we signed, and of others.
#include "firmware/image/stm32/rom_check.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <functional>
#include <set>
#include <string>

#include "base/openssl.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Digest;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::PlanStm32Image;
using image::host::SealStm32Image;
using image::host::Stm32Description;
using image::host::Stm32KeyHash;
using image::host::Stm32Keys;
using image::host::ToString;
using namespace image::stm32;
using Authentication = RomDecision::Authentication;

constexpr Version kAll[] = {Version::kV1, Version::kV20, Version::kV22,
                            Version::kV23};

const SigningKey& KeyFor(Version version) {
  return SharedKey(version == Version::kV23 ? Algorithm::kP384
                                            : Algorithm::kP256);
}

Stm32Keys KeysFor(Version version) {
  Stm32Keys keys;
  keys.signer = KeyFor(version).public_key();
  if (version == Version::kV1) return keys;
  const std::string own = Stm32KeyHash(version, keys.signer).value();
  for (char letter = 'a'; letter < 'i'; ++letter) {
    keys.table.push_back(std::string(own.size(), letter));
  }
  keys.index = 5;
  keys.table[5] = own;
  return keys;
}

std::string SignedImage(Version version, std::uint32_t image_version = 3) {
  const Stm32Description description{version, 0x2ffea000, 0x2ffc2500,
                                     image_version, 0x10};
  const auto planned =
      PlanStm32Image(description, "first stage", KeysFor(version));
  return SealStm32Image(*planned,
                        KeyFor(version).Sign(AsBytes(planned->digest)))
      .value();
}

// Closed, with the key of KeysFor and counter 1.
Chip ClosedChip(Version version) {
  const std::string image = SignedImage(version);
  return {version, true, FusedHash(*ReadHeader(AsBytes(image))), 1};
}

// "starts", "starts, AUTHENTICATION" or the reason alone.
std::string Decision(const Chip& chip, const std::string& image) {
  const RomDecision decision = RomCheck(chip, AsBytes(image));
  if (decision.reason == image::Error::kOk) {
    return decision.starts ? "starts" : "REFUSED WITHOUT REASON";
  }
  return (decision.starts ? "starts, " : "") + NameOf(decision.reason);
}

TEST(RomCheck, StartsWhatTheFusedKeySigned) {
  for (const Version version : kAll) {
    const std::string image = SignedImage(version);
    EXPECT_EQ(Decision(ClosedChip(version), image), "starts");
    EXPECT_EQ(RomCheck(ClosedChip(version), AsBytes(image)).authentication,
              Authentication::kPassed);
    Chip open = ClosedChip(version);
    open.closed = false;
    EXPECT_EQ(Decision(open, image), "starts");
  }
}

TEST(RomCheck, StartsAnUnsignedImageOnAnOpenChipAlone) {
  for (const Version version : kAll) {
    const std::string image =
        *image::host::MakeStm32Image({version, 0, 0, 3, 0x10}, "first stage");
    EXPECT_EQ(Decision({version, false, {}, 0}, image), "starts");
    EXPECT_EQ(RomCheck({version, false, {}, 0}, AsBytes(image)).authentication,
              Authentication::kNone);
    EXPECT_EQ(Decision(ClosedChip(version), image), "STM32_UNSIGNED");
  }
}

// On an open chip it starts all the same; the next stage prints that
// authentication failed.
void ExpectBoth(Chip chip, const std::string& image, const std::string& error) {
  chip.closed = true;
  EXPECT_EQ(Decision(chip, image), error);
  chip.closed = false;
  EXPECT_EQ(Decision(chip, image), "starts, " + error);
  EXPECT_EQ(RomCheck(chip, AsBytes(image)).authentication,
            Authentication::kFailed);
}

TEST(RomCheck, TellsAKeyThatIsNotFusedFromAnotherOne) {
  for (const Version version : kAll) {
    Chip chip = ClosedChip(version);
    chip.key_hash = Digest();
    ExpectBoth(chip, SignedImage(version), "STM32_NOT_FUSED");
    chip.key_hash = Digest(AsBytes(std::string(32, 'h')));
    ExpectBoth(chip, SignedImage(version), "STM32_KEY_HASH");
  }
}

// Thread 7 of facts: fwu 7.4: the hash of the table, fused where that of the
// key belongs.
TEST(RomCheck, RefusesTheHashOfAnotherFamily) {
  Chip chip = ClosedChip(Version::kV1);
  chip.key_hash = ClosedChip(Version::kV20).key_hash;
  ExpectBoth(chip, SignedImage(Version::kV1), "STM32_KEY_HASH");
}

TEST(RomCheck, RefusesAKeyThatIsNotTheOneOfItsTable) {
  for (const Version version : {Version::kV20, Version::kV22, Version::kV23}) {
    std::string image = SignedImage(version);
    Header header = *ReadHeader(AsBytes(image));
    header.key_index = 4;
    std::array<std::byte, kMaxHeaderBytes> buffer;
    image.replace(0, HeaderBytes(header),
                  ToString(*WriteHeader(header, buffer)));
    ExpectBoth(ClosedChip(version), image, "STM32_KEY_INDEX");
  }
}

TEST(RomCheck, RefusesALowerImageVersion) {
  for (const Version version : kAll) {
    Chip chip = ClosedChip(version);
    ExpectBoth(chip, SignedImage(version, 0), "STM32_IMAGE_VERSION");
    chip.image_version = 4;
    ExpectBoth(chip, SignedImage(version), "STM32_IMAGE_VERSION");
    chip.image_version = 3;
    EXPECT_EQ(Decision(chip, SignedImage(version)), "starts");
  }
}

TEST(RomCheck, RefusesAnImageOfAnotherChip) {
  for (const Version ours : kAll) {
    for (const Version theirs : kAll) {
      if (ours == theirs) continue;
      EXPECT_EQ(Decision(ClosedChip(ours), SignedImage(theirs)),
                "STM32_VERSION");
      Chip open = ClosedChip(ours);
      open.closed = false;
      EXPECT_EQ(Decision(open, SignedImage(theirs)), "STM32_VERSION");
    }
  }
}

TEST(RomCheck, RefusesAnImageWithAnyBitChanged) {
  for (const Version version : kAll) {
    const Chip chip = ClosedChip(version);
    const std::string image = SignedImage(version);
    for (std::size_t at = 0; at < image.size(); ++at) {
      std::string changed = image;
      changed[at] = static_cast<char>(changed[at] ^ 1 << at % 8);
      EXPECT_FALSE(RomCheck(chip, AsBytes(changed)).starts) << at;
    }
  }
}

TEST(RomCheck, RefusesAnImageThatIsCut) {
  for (const Version version : kAll) {
    const Chip chip = ClosedChip(version);
    const std::string image = SignedImage(version);
    for (std::size_t size = 0; size < image.size(); ++size) {
      const auto decision = RomCheck(chip, AsBytes(image).first(size));
      EXPECT_FALSE(decision.starts) << size;
      EXPECT_NE(decision.reason, image::Error::kOk);
    }
  }
}

TEST(RomCheck, RefusesADamagedPayloadEvenOnAnOpenChip) {
  const std::string image = SignedImage(Version::kV1);
  std::string changed = image;
  changed.back() ^= 1;
  EXPECT_EQ(Decision({Version::kV1, false, {}, 0}, changed), "STM32_CHECKSUM");
  // A sum says nothing of an order.
  changed = image;
  std::swap(changed[0x100], changed[0x101]);
  ExpectBoth(ClosedChip(Version::kV1), changed, "STM32_SIGNATURE");
}

// The hash of version 1 is over the point alone.
TEST(RomCheck, DoesNotTakeAKeyOfP256ForOneOfBrainpool) {
  std::string image = SignedImage(Version::kV1);
  image[0x68] = 2;
  ExpectBoth(ClosedChip(Version::kV1), image, "STM32_SIGNATURE");
}

TEST(RomCheck, RefusesASignatureOfZeros) {
  std::string image = SignedImage(Version::kV1);
  image.replace(4, 64, 64, '\0');
  ExpectBoth(ClosedChip(Version::kV1), image, "STM32_SIGNATURE");
}

TEST(RomCheck, ReadsNothingBehindTheImage) {
  const std::string image = SignedImage(Version::kV20);
  EXPECT_EQ(Decision(ClosedChip(Version::kV20), image + "trailing"), "starts");
  const Header header = *ReadHeader(AsBytes(image));
  EXPECT_EQ(CheckTrailing(header, AsBytes(image)), image::Error::kOk);
  EXPECT_EQ(CheckTrailing(header, AsBytes(image + std::string(500, '\0'))),
            image::Error::kOk);
  EXPECT_EQ(CheckTrailing(header, AsBytes(image + "trailing")),
            image::Error::kStm32Trailing);
  EXPECT_EQ(CheckTrailing(header, AsBytes(image.substr(0, 0x200))),
            image::Error::kStm32Length);
}

TEST(RomCheck, NamesEachRuleOnce) {
  std::set<std::uint32_t> codes;
  for (const RomRule& rule : RomRules()) {
    codes.insert(static_cast<std::uint32_t>(rule.code));
  }
  EXPECT_EQ(codes.size(), RomRules().size());
  EXPECT_EQ(codes.size(), 8u);
}

std::string OpenSslSha256(const std::string& text) {
  std::string digest(32, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// The formulas of facts: fwu 5.6, without our code.
TEST(KeyHash, IsThatOfThePointAndTheTable) {
  const std::string der = SharedKey(Algorithm::kP256).public_key();
  const std::string point = der.substr(27);
  EXPECT_EQ(*Stm32KeyHash(Version::kV1, der), OpenSslSha256(point));
  const std::string numbered = std::string("\1\0\0\0", 4) + point;
  EXPECT_EQ(*Stm32KeyHash(Version::kV20, der), OpenSslSha256(numbered));
  std::string table;
  for (const std::string& hash : KeysFor(Version::kV20).table) table += hash;
  EXPECT_EQ(ToString(ClosedChip(Version::kV20).key_hash.bytes()),
            OpenSslSha256(table));
}

TEST(KeyHash, StandsInOtpBigEndian) {
  std::string hash(32, '\0');
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<char>(i);
  const auto words = image::host::OtpWords(Version::kV1, hash);
  ASSERT_OK(words);
  ASSERT_EQ(words->size(), 8u);
  EXPECT_EQ(words->front().number, 24u);
  EXPECT_EQ(words->front().value, 0x00010203u);
  EXPECT_EQ(words->back().number, 31u);
  EXPECT_EQ(words->back().value, 0x1c1d1e1fu);
  EXPECT_EQ(image::host::OtpWords(Version::kV22, hash)->front().number, 144u);
}

TEST(KeyHash, IsNotFusedWhereItsFormIsNotKnown) {
  // 32 bytes are its eight words; what they hash has no public source.
  for (const std::size_t size : {32u, 48u}) {
    EXPECT_EQ(base::ReasonOf(
                  image::host::OtpWords(Version::kV23, std::string(size, 'h'))
                      .status()),
              "OTP_WORDS_UNKNOWN");
  }
  for (const std::size_t size : {0u, 31u, 33u, 48u}) {
    EXPECT_EQ(base::ReasonOf(
                  image::host::OtpWords(Version::kV1, std::string(size, 'h'))
                      .status()),
              "KEY_HASH");
  }
}

std::string PlanError(const Stm32Description& description,
                      const Stm32Keys& keys,
                      const std::string& payload = "first stage") {
  return base::ReasonOf(PlanStm32Image(description, payload, keys).status());
}

TEST(Stm32Plan, RefusesKeysThatDoNotFit) {
  const Stm32Description v1{Version::kV1, 0, 0, 1, 0x10};
  const Stm32Description v2{Version::kV20, 0, 0, 1, 0x10};
  Stm32Keys keys = KeysFor(Version::kV1);
  keys.signer = SharedKey(Algorithm::kP384).public_key();
  EXPECT_EQ(PlanError(v1, keys), "STM32_KEY");
  keys.signer = SharedKey(Algorithm::kEd25519).public_key();
  EXPECT_EQ(PlanError(v1, keys), "STM32_KEY");
  keys.signer = "";
  EXPECT_EQ(PlanError(v1, keys), "STM32_KEY");
  EXPECT_EQ(PlanError(v1, KeysFor(Version::kV20)), "KEY_TABLE");
  EXPECT_EQ(PlanError(v2, KeysFor(Version::kV1)), "KEY_TABLE");
  keys = KeysFor(Version::kV20);
  keys.table.pop_back();
  EXPECT_EQ(PlanError(v2, keys), "KEY_TABLE");
  keys = KeysFor(Version::kV20);
  keys.index = 4;
  EXPECT_EQ(PlanError(v2, keys), "KEY_TABLE");
  keys.index = 8;
  EXPECT_EQ(PlanError(v2, keys), "KEY_TABLE");
  keys = KeysFor(Version::kV20);
  keys.table[0].pop_back();
  EXPECT_EQ(PlanError(v2, keys), "KEY_TABLE");
}

TEST(Stm32Plan, RefusesPayloadsAndFieldsThatDoNotFit) {
  Stm32Description v1{Version::kV1, 0, 0, 1, 0x10};
  EXPECT_EQ(PlanError(v1, KeysFor(Version::kV1), ""), "PAYLOAD");
  EXPECT_EQ(base::ReasonOf(image::host::MakeStm32Image(v1, "").status()),
            "PAYLOAD");
  v1.binary_type = 0x100;
  EXPECT_EQ(PlanError(v1, KeysFor(Version::kV1)), "STM32_RESERVED");
}

TEST(Stm32Seal, TakesTheSignatureOfTheHeadersKeyAlone) {
  const auto planned = PlanStm32Image({Version::kV20, 0, 0, 1, 0x10},
                                      "first stage", KeysFor(Version::kV20));
  const auto error = [&](const std::string& signature) {
    return base::ReasonOf(SealStm32Image(*planned, signature).status());
  };
  const SigningKey other(Algorithm::kP256);
  const std::string right =
      SharedKey(Algorithm::kP256).Sign(AsBytes(planned->digest));
  EXPECT_EQ(error(right), "");
  EXPECT_EQ(error(other.Sign(AsBytes(planned->digest))), "SIGNATURE");
  EXPECT_EQ(error(right + '\0'), "SIGNATURE");
  EXPECT_EQ(error(""), "SIGNATURE");
  EXPECT_EQ(error(std::string(64, '\0')), "SIGNATURE");
  EXPECT_EQ(error(std::string(63, 's')), "SIGNATURE");
}

TEST(Stm32Seal, TakesASignatureAsAnHsmGivesIt) {
  const auto planned = PlanStm32Image({Version::kV1, 0, 0, 1, 0x10},
                                      "first stage", KeysFor(Version::kV1));
  for (int round = 0; round < 10; ++round) {
    const std::string der =
        SharedKey(Algorithm::kP256).Sign(AsBytes(planned->digest));
    const std::string image = SealStm32Image(*planned, der).value();
    EXPECT_EQ(*SealStm32Image(*planned, image.substr(4, 64)), image);
  }
}

TEST(ImageVersion, OfAChipThatIsToBeClosedIsOneTo32) {
  for (const std::uint32_t version : {1u, 2u, 32u}) {
    EXPECT_TRUE(image::host::CheckVersionForClosing(version).ok());
  }
  for (const std::uint32_t version : {0u, 33u, ~0u}) {
    EXPECT_EQ(base::ReasonOf(image::host::CheckVersionForClosing(version)),
              "IMAGE_VERSION");
  }
}

}  // namespace
}  // namespace bootseal::tests
