// First stages signed with a key on brainpoolP256t1, the header's number 2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"
#include "firmware/image/stm32/rom_check.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::PlanStm32Image;
using image::host::SealStm32Image;
using image::host::Stm32KeyHash;
using image::host::Stm32Keys;
using image::host::ToString;
using namespace image::stm32;

constexpr Version kAll[] = {Version::kV1, Version::kV20, Version::kV22,
                            Version::kV23};
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const SigningKey& Own() { return SharedKey(Algorithm::kBrainpoolP256t1); }

Stm32Keys KeysFor(Version version) {
  Stm32Keys keys;
  keys.signer = Own().public_key();
  if (version == Version::kV1) return keys;
  const std::string own = Stm32KeyHash(version, keys.signer).value();
  keys.table.assign(8, std::string(own.size(), 'h'));
  keys.index = 6;
  keys.table[6] = own;
  return keys;
}

image::host::PlannedStm32Image PlannedFor(Version version) {
  return PlanStm32Image({version, 0x2ffea000, 0x2ffc2500, 2, 0x10},
                        "first stage", KeysFor(version))
      .value();
}

std::string SignedImage(Version version) {
  const auto planned = PlannedFor(version);
  return SealStm32Image(planned, Own().Sign(AsBytes(planned.digest))).value();
}

Chip ClosedChip(Version version) {
  return {version, true, FusedHash(*ReadHeader(AsBytes(SignedImage(version)))),
          1};
}

std::string Decision(const Chip& chip, const std::string& image) {
  const RomDecision decision = RomCheck(chip, AsBytes(image));
  return decision.starts && decision.reason == image::Error::kOk
             ? "starts"
             : NameOf(decision.reason);
}

TEST(BrainpoolFirstStage, StartsOnEveryClosedChip) {
  for (const Version version : kAll) {
    const std::string image = SignedImage(version);
    EXPECT_EQ(ReadHeader(AsBytes(image))->algorithm,
              SignatureAlgorithm::kBrainpoolP256t1);
    EXPECT_EQ(Decision(ClosedChip(version), image), "starts");
  }
}

TEST(BrainpoolFirstStage, HasItsNumberWhereTheRomReadsIt) {
  EXPECT_EQ(SignedImage(Version::kV1)[0x68], 2);
  EXPECT_EQ(SignedImage(Version::kV20)[0x90], 2);
}

// The formulas of facts: fwu 5.6, without our code for it.
TEST(BrainpoolFirstStage, HasItsNumberInTheHashOfItsKey) {
  const std::string& der = Own().public_key();
  const std::string point = der.substr(28);
  const auto sha256 = [](const std::string& text) {
    return ToString(
        image::HashOf(image::HashAlgorithm::kSha256, AsBytes(text)).bytes());
  };
  EXPECT_EQ(*Stm32KeyHash(Version::kV1, der), sha256(point));
  EXPECT_EQ(*Stm32KeyHash(Version::kV20, der),
            sha256(std::string("\2\0\0\0", 4) + point));
}

TEST(BrainpoolFirstStage, IsRefusedWithAnyByteChanged) {
  const std::string good = SignedImage(Version::kV20);
  const Chip chip = ClosedChip(Version::kV20);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    EXPECT_NE(Decision(chip, bad), "starts") << at;
  }
}

TEST(BrainpoolFirstStage, IsNotSealedWithASignatureOfAnotherCurve) {
  for (const Version version : kAll) {
    const auto planned = PlannedFor(version);
    const SigningKey other(Algorithm::kBrainpoolP256t1);
    for (const SigningKey* key : {&SharedKey(Algorithm::kP256), &other}) {
      EXPECT_THAT(SealStm32Image(planned, key->Sign(AsBytes(planned.digest))),
                  StatusIs(kInvalid, "SIGNATURE"));
    }
  }
}

TEST(BrainpoolFirstStage, IsNotPlannedForAnotherOfBrainpoolsCurves) {
  struct Other {
    const char* curve;
    const char* reason;
  };
  constexpr Other kOthers[] = {
      {"brainpoolP256r1", "the twisted one, brainpoolP256t1"},
      {"brainpoolP384r1", "the regular curve"},
      {"brainpoolP384t1", "not supported here"}};
  for (const Other& other : kOthers) {
    for (const Version version : kAll) {
      Stm32Keys keys = KeysFor(version);
      keys.signer = PublicKeyOn(other.curve);
      EXPECT_THAT(
          PlanStm32Image({version, 0, 0, 1, 0x10}, "first stage", keys),
          testing::AllOf(StatusIs(kInvalid, "STM32_KEY"),
                         MessageHas(other.curve), MessageHas(other.reason)));
    }
  }
}

TEST(RomCheck, SaysThatItDoesNotKnowTheLongCurveOfBrainpool) {
  const std::string image = SignedImage(Version::kV23);
  Header header = *ReadHeader(AsBytes(image));
  header.algorithm = SignatureAlgorithm::kBrainpoolP384t1;
  header.public_key.fill(std::byte{'k'});
  header.signature.fill(std::byte{'s'});
  const image::Digest own =
      PublicKeyHash(Version::kV23, header.algorithm, header.public_key);
  image::Copy(own.bytes(), header.key_hashes[header.key_index]);
  const Chip chip{Version::kV23, true, FusedHash(header), 1};
  const RomDecision decision =
      RomCheck(chip, header, Measure(header, AsBytes(image)));
  EXPECT_FALSE(decision.starts);
  EXPECT_EQ(NameOf(decision.reason), "UNSUPPORTED");
}

}  // namespace
}  // namespace bootseal::tests
