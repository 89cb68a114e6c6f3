#include "server/trust/profile.h"

#include <gtest/gtest.h>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/uuid.h"
#include "firmware/image/mcuboot/layout.h"
#include "google/protobuf/text_format.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using ::testing::AllOf;

struct Pair {
  v1::Algorithm name;
  image::Algorithm algorithm;
  image::HashAlgorithm hash;
};
constexpr Pair kPairs[] = {
    {v1::RSA2048, image::Algorithm::kRsa2048, image::HashAlgorithm::kSha256},
    {v1::RSA3072, image::Algorithm::kRsa3072, image::HashAlgorithm::kSha256},
    {v1::P256, image::Algorithm::kP256, image::HashAlgorithm::kSha256},
    {v1::P384, image::Algorithm::kP384, image::HashAlgorithm::kSha384},
    {v1::ED25519, image::Algorithm::kEd25519, image::HashAlgorithm::kSha256},
};

const std::string& KeyOf(image::Algorithm algorithm) {
  return tests::SharedKey(algorithm).public_key();
}

// Targets of the example policy: 0 app, 1 secure, 2 edwards.
v1::Profile ProfileOf(int target, const Pair& pair) {
  v1::Profile profile;
  *profile.mutable_target() = tests::ExamplePolicy().targets(target);
  profile.set_algorithm(pair.name);
  profile.set_public_key(KeyOf(pair.algorithm));
  return profile;
}

auto IsInvalid() {
  return tests::StatusIs(absl::StatusCode::kInvalidArgument, "PROFILE_INVALID");
}

TEST(Profile, HasTheHashOfItsAlgorithm) {
  for (const Pair& pair : kPairs) {
    const auto profile = McubootProfile::Make(ProfileOf(0, pair));
    ASSERT_OK(profile);
    const image::mcuboot::Rules& rules = (*profile)->rules();
    EXPECT_EQ(rules.algorithm, pair.algorithm);
    EXPECT_EQ(rules.hash, pair.hash);
    EXPECT_EQ(image::host::ToString(rules.public_key), KeyOf(pair.algorithm));
    EXPECT_TRUE(image::Equal(
        rules.key_hash, image::HashOf(pair.hash, rules.public_key).bytes()));
  }
}

TEST(Profile, FillsInDefaults) {
  const auto profile = McubootProfile::Make(ProfileOf(0, kPairs[2]));
  ASSERT_OK(profile);
  const image::mcuboot::Rules& rules = (*profile)->rules();
  EXPECT_EQ(rules.align, 1u);
  EXPECT_EQ(rules.max_align, 8u);
  EXPECT_EQ(rules.max_sectors, 128u);
  EXPECT_EQ(rules.image_count, 1u);
  EXPECT_EQ(rules.max_boot_record_size, 132u);
  EXPECT_EQ(rules.key_format, image::mcuboot::KeyFormat::kHash);
  EXPECT_EQ(rules.strategy, image::mcuboot::Strategy::kSingleSlot);
  EXPECT_EQ(rules.boot_record, image::mcuboot::Presence::kOptional);
  EXPECT_EQ((*McubootProfile::Make(ProfileOf(0, kPairs[3])))
                ->rules()
                .max_boot_record_size,
            164u);
}

TEST(Profile, MeansWhatTheTargetSays) {
  const auto profile = McubootProfile::Make(ProfileOf(1, kPairs[1]));
  ASSERT_OK(profile);
  const image::mcuboot::Rules& rules = (*profile)->rules();
  EXPECT_EQ(rules.header_size, 0x400u);
  EXPECT_EQ(rules.slot_size, 0x2d000u);
  EXPECT_EQ(rules.align, 8u);
  EXPECT_EQ(rules.key_format, image::mcuboot::KeyFormat::kFull);
  EXPECT_EQ(rules.strategy, image::mcuboot::Strategy::kOverwriteOnly);
  EXPECT_EQ(rules.security_counter, image::mcuboot::Presence::kRequired);
  EXPECT_EQ(rules.security_counter_ceiling, 512u);
  EXPECT_EQ(rules.boot_record, image::mcuboot::Presence::kRequired);
  EXPECT_EQ(image::host::ToString(rules.software_type), "SPE");
  EXPECT_EQ(rules.dependency, image::mcuboot::Presence::kRequired);
  EXPECT_EQ(rules.image_count, 2u);
}

TEST(Profile, HashesWithSha512WhereTheTargetSaysSo) {
  const auto profile = McubootProfile::Make(ProfileOf(2, kPairs[4]));
  ASSERT_OK(profile);
  EXPECT_EQ((*profile)->rules().hash, image::HashAlgorithm::kSha512);
  EXPECT_EQ((*profile)->rules().key_hash.size(), 64u);
}

TEST(Profile, RulesPointIntoTheProfileItself) {
  v1::Profile source = ProfileOf(1, kPairs[1]);
  const auto profile = McubootProfile::Make(source);
  ASSERT_OK(profile);
  source.Clear();
  EXPECT_EQ(image::host::ToString((*profile)->rules().public_key),
            KeyOf(image::Algorithm::kRsa3072));
}

TEST(Profile, RefusesAKeyOfAnotherAlgorithm) {
  for (const Pair& said : kPairs) {
    for (const Pair& given : kPairs) {
      if (said.name == given.name) continue;
      v1::Profile profile = ProfileOf(0, said);
      profile.set_public_key(KeyOf(given.algorithm));
      EXPECT_THAT(
          McubootProfile::Make(profile),
          AllOf(IsInvalid(), tests::MessageHas("public_key: is no key")));
    }
  }
}

TEST(Profile, RefusesAKeyWithBytesMissingAddedOrChanged) {
  for (const Pair& pair : kPairs) {
    const std::string key = KeyOf(pair.algorithm);
    std::string other_type = key;
    other_type[0] = '\x31';
    for (const std::string& bad :
         {std::string(), key.substr(1), key.substr(0, key.size() - 1),
          key + '\0', other_type}) {
      v1::Profile profile = ProfileOf(0, pair);
      profile.set_public_key(bad);
      EXPECT_THAT(McubootProfile::Make(profile), IsInvalid());
    }
  }
}

TEST(Profile, RefusesAPointThatIsNotOnItsCurve) {
  v1::Profile profile = ProfileOf(0, kPairs[2]);
  profile.mutable_public_key()->back() ^= 1;
  EXPECT_THAT(McubootProfile::Make(profile), IsInvalid());
}

TEST(Profile, RefusesMissingParts) {
  v1::Profile no_algorithm = ProfileOf(0, kPairs[2]);
  no_algorithm.clear_algorithm();
  EXPECT_THAT(McubootProfile::Make(no_algorithm),
              AllOf(IsInvalid(), tests::MessageHas("algorithm: required")));
  v1::Profile no_format = ProfileOf(0, kPairs[2]);
  no_format.mutable_target()->clear_format();
  EXPECT_THAT(
      McubootProfile::Make(no_format),
      AllOf(IsInvalid(), tests::MessageHas("target.mcuboot: required")));
  EXPECT_THAT(McubootProfile::Make(v1::Profile()),
              AllOf(IsInvalid(), tests::MessageHas("target.name: required")));
}

TEST(Profile, RefusesAFormatThatThePolicyWouldRefuse) {
  v1::Profile profile = ProfileOf(1, kPairs[1]);
  profile.mutable_target()->mutable_mcuboot()->clear_software_type();
  EXPECT_THAT(
      McubootProfile::Make(profile),
      AllOf(IsInvalid(),
            tests::MessageHas("target.mcuboot.software_type: required")));
}

TEST(Profile, RefusesVendorTlvsLargerThanTheirArea) {
  v1::Profile profile = ProfileOf(0, kPairs[2]);
  v1::VendorTlv& tlv =
      *profile.mutable_target()->mutable_mcuboot()->add_vendor_tlvs();
  tlv.set_type(0xa0);
  tlv.set_value(std::string(65532, 'x'));
  EXPECT_THAT(McubootProfile::Make(profile),
              AllOf(IsInvalid(), tests::MessageHas("vendor_tlvs: take 65536")));
}

TEST(ProfileFile, ComesBackAsItWasExported) {
  const v1::Profile profile = ProfileOf(1, kPairs[1]);
  std::string text;
  google::protobuf::TextFormat::PrintToString(profile, &text);
  const auto parsed = ParseProfile(text);
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->SerializeAsString(), profile.SerializeAsString());
}

TEST(ProfileFile, IsRefusedWithTheNameOfTheProblem) {
  EXPECT_THAT(
      ParseProfile("algorithm: P257\n"),
      AllOf(IsInvalid(),
            tests::MessageHas("value of \"P257\" for field \"algorithm\"")));
  EXPECT_THAT(ParseProfile("algorithm: P256\nkey: \"x\"\n"),
              AllOf(IsInvalid(), tests::MessageHas("line 2:4: ")));
}

TEST(ProfileFile, IsRefusedAboveAMebibyte) {
  EXPECT_THAT(ParseProfile("#" + std::string(1 << 20, 'x')), IsInvalid());
}

TEST(Profile, HoldsTheUuidsOfItsNames) {
  v1::Profile profile = ProfileOf(0, kPairs[2]);
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_vendor_id("acme.example");
  format.set_class_id("board-1");
  const auto made = McubootProfile::Make(profile);
  ASSERT_OK(made);
  using image::host::FormatUuid;
  using image::host::ToString;
  EXPECT_EQ(FormatUuid(ToString((*made)->rules().vendor_uuid)),
            "0637e301-e05d-505b-8267-486f5677de9b");
  EXPECT_EQ(FormatUuid(ToString((*made)->rules().class_uuid)),
            "e398ebfb-49d6-5a0a-abb8-deb5668107d1");
}

TEST(Profile, ForbidsEncryptionThatItsTargetDoesNotName) {
  const auto made = McubootProfile::Make(ProfileOf(0, kPairs[2]));
  ASSERT_OK(made);
  EXPECT_EQ((*made)->rules().encryption, image::mcuboot::Presence::kForbidden);
}

TEST(Profile, FillsInWhatEncryptionLeavesOut) {
  v1::Profile profile = ProfileOf(0, kPairs[2]);
  profile.mutable_target()->mutable_mcuboot()->set_strategy(v1::OVERWRITE_ONLY);
  v1::EncryptionFormat& encryption =
      *profile.mutable_target()->mutable_mcuboot()->mutable_encryption();
  const auto made = McubootProfile::Make(profile);
  ASSERT_OK(made);
  EXPECT_EQ((*made)->rules().encryption, image::mcuboot::Presence::kOptional);
  EXPECT_EQ((*made)->rules().encryption_key_bits, 128u);
  EXPECT_EQ((*made)->rules().encryption_tlv,
            image::mcuboot::tlv::kEncryptionP256);
  encryption.set_presence(v1::REQUIRED);
  encryption.set_key_bits(256);
  encryption.set_key_exchange(v1::ECIES_X25519_SHA512);
  const auto other = McubootProfile::Make(profile);
  ASSERT_OK(other);
  EXPECT_EQ((*other)->rules().encryption, image::mcuboot::Presence::kRequired);
  EXPECT_EQ((*other)->rules().encryption_key_bits, 256u);
  EXPECT_EQ((*other)->rules().encryption_tlv,
            image::mcuboot::tlv::kEncryptionX25519Sha512);
}

}  // namespace
}  // namespace bootseal::trust
