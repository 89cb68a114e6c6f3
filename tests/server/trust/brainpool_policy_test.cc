// Keys on brainpoolP256t1 in a policy: for packages and first stages, and for
// nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/package_profile.h"
#include "server/trust/parts.h"
#include "server/trust/profile.h"
#include "server/trust/target_format.h"
#include "server/trust/target_profile.h"
#include "tests/server/trust/spoilt_policy.h"
#include "tests/support/key_table.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_package.h"

namespace bootseal::trust {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using tests::AddKey;
using tests::MessageHas;
using tests::PemOf;
using tests::SharedKey;
using tests::SigningKey;
using tests::Spoilt;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr v1::Stm32Chip kWithATable[] = {v1::STM32MP13, v1::STM32MP21,
                                         v1::STM32MP23, v1::STM32MP25};

const SigningKey& Own() {
  return SharedKey(image::Algorithm::kBrainpoolP256t1);
}
const SigningKey& Other() {
  static const auto* key = new SigningKey(image::Algorithm::kBrainpoolP256t1);
  return *key;
}

// Keys "bp" and "tee", and "p256"; a target that has the first one and needs a
// format. What the problems below call targets[4].
v1::Policy WithKeys() {
  v1::Policy policy = tests::ExamplePolicy();
  AddKey(policy, "bp", Own().public_key(), v1::BRAINPOOL_P256T1);
  AddKey(policy, "tee", Other().public_key(), v1::BRAINPOOL_P256T1);
  AddKey(policy, "p256", "p256", v1::P256);
  tests::AddTarget(policy, "board", "bp");
  return policy;
}

v1::FipFormat& Package(v1::Policy& policy) {
  *tests::AddedTarget(policy).mutable_fip() = tests::TestPackageFormat();
  return *tests::AddedTarget(policy).mutable_fip();
}

// The third of eight is ours.
v1::Stm32HeaderFormat WithTable(v1::Stm32Chip chip) {
  v1::Stm32HeaderFormat format = tests::TestFirstStageFormat();
  format.set_chip(chip);
  format.set_key_index(2);
  for (int i = 0; i < 8; ++i) {
    format.add_public_keys(
        PemOf(i == 2 ? Own().public_key() : Other().public_key()));
  }
  return format;
}

v1::Profile ProfileOf(v1::Policy& policy) {
  v1::Profile profile;
  *profile.mutable_target() = tests::AddedTarget(policy);
  profile.set_algorithm(v1::BRAINPOOL_P256T1);
  profile.set_public_key(Own().public_key());
  return profile;
}

TEST(BrainpoolPolicy, TakesAKeyForPackages) {
  v1::Policy policy = WithKeys();
  Package(policy).set_tos_fw_key("tee");
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

TEST(BrainpoolPolicy, TakesAKeyForFirstStagesOfEveryChip) {
  v1::Policy policy = WithKeys();
  *tests::AddedTarget(policy).mutable_stm32_header() =
      tests::TestFirstStageFormat();
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
  for (const v1::Stm32Chip chip : kWithATable) {
    *tests::AddedTarget(policy).mutable_stm32_header() = WithTable(chip);
    EXPECT_OK(Policy::Parse(tests::TextOf(policy))) << chip;
  }
}

TEST(BrainpoolPolicy, LetsOneKeyServePackagesAndFirstStages) {
  v1::Policy policy = WithKeys();
  Package(policy);
  v1::Target& stage = *policy.add_targets();
  stage = policy.targets(policy.targets_size() - 2);
  stage.set_name("stage");
  *stage.mutable_stm32_header() = tests::TestFirstStageFormat();
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

class BrainpoolPolicyRefuses : public ::testing::TestWithParam<Spoilt> {};

TEST_P(BrainpoolPolicyRefuses, ByName) {
  v1::Policy policy = WithKeys();
  GetParam().spoil(policy);
  EXPECT_THAT(Policy::Parse(tests::TextOf(policy)),
              testing::AllOf(StatusIs(kInvalid, "POLICY_INVALID"),
                             MessageHas(absl::StrCat("\n  targets[",
                                                     GetParam().problem))));
}

const Spoilt kSpoilt[] = {
    {"ForMcuboot",
     [](auto& p) {
       tests::AddedTarget(p).mutable_mcuboot()->set_header_size(0x400);
       tests::AddedTarget(p).mutable_mcuboot()->set_slot_size(0x80000);
     },
     "4].mcuboot: takes no key of BRAINPOOL_P256T1: packages and first stages "
     "of an STM32MP alone"},
    {"ForReleases", [](auto& p) { tests::AddedTarget(p).mutable_release(); },
     "4].release: takes no key of BRAINPOOL_P256T1"},
    {"ForCapsules", [](auto& p) { tests::AddedTarget(p).mutable_capsule(); },
     "4].capsule: needs a key of RSA2048 or RSA3072, U-Boot verifies no other; "
     "the key is BRAINPOOL_P256T1"},
    {"BelowARootOfP256",
     [](auto& p) {
       tests::AddedTarget(p).set_key("p256");
       Package(p).set_tos_fw_key("tee");
     },
     "4].fip.tos_fw_key: key \"tee\" is BRAINPOOL_P256T1, expected P256, as "
     "all of a package are on one curve"},
    {"AboveAKeyOfP256", [](auto& p) { Package(p).set_nt_fw_key("p256"); },
     "4].fip.nt_fw_key: key \"p256\" is P256, expected BRAINPOOL_P256T1, as "
     "all of a package are on one curve"},
    {"WithTheRegularCurveInTheTable",
     [](auto& p) {
       *tests::AddedTarget(p).mutable_stm32_header() = WithTable(v1::STM32MP13);
       tests::AddedTarget(p).mutable_stm32_header()->set_public_keys(
           7, PemOf(tests::PublicKeyOn("brainpoolP256r1")));
     },
     "4].stm32_header.public_keys[7]: a key on brainpoolP256r1, the regular "
     "curve: STM32MP takes the twisted one, brainpoolP256t1, for header 2.0"},
    {"WithTheLongCurveInTheTable",
     [](auto& p) {
       *tests::AddedTarget(p).mutable_stm32_header() = WithTable(v1::STM32MP21);
       tests::AddedTarget(p).mutable_stm32_header()->set_public_keys(
           7, PemOf(tests::PublicKeyOn("brainpoolP384t1")));
     },
     "4].stm32_header.public_keys[7]: a key on brainpoolP384t1, number 4 of "
     "header 2.3, which is not supported here"},
    {"AtTheIndexOfAnotherKey",
     [](auto& p) {
       *tests::AddedTarget(p).mutable_stm32_header() = WithTable(v1::STM32MP13);
       tests::AddedTarget(p).mutable_stm32_header()->set_key_index(3);
     },
     "4].stm32_header.key_index: 3 is the place of the key with"},
};
INSTANTIATE_TEST_SUITE_P(Targets, BrainpoolPolicyRefuses,
                         testing::ValuesIn(kSpoilt),
                         [](const auto& one) { return one.param.name; });

TEST(BrainpoolPolicy, RefusesItForTheLog) {
  v1::Policy policy = WithKeys();
  Package(policy);
  for (v1::PinnedKey& key : *policy.mutable_keys()) {
    if (key.name() == "tee") key.set_purpose(v1::CHECKPOINT);
  }
  EXPECT_THAT(Policy::Parse(tests::TextOf(policy)),
              testing::AllOf(StatusIs(kInvalid, "POLICY_INVALID"),
                             MessageHas("BRAINPOOL_P256T1 cannot sign "
                                        "checkpoints, expected ED25519")));
}

TEST(BrainpoolPolicy, RefusesItOfAnApprover) {
  v1::Policy policy = WithKeys();
  Package(policy);
  policy.mutable_people(1)->mutable_approver_keys(0)->set_public_key(
      PemOf(Own().public_key()));
  EXPECT_THAT(Policy::Parse(tests::TextOf(policy)),
              testing::AllOf(StatusIs(kInvalid, "POLICY_INVALID"),
                             MessageHas("is of another kind, expected RSA")));
}

TEST(BrainpoolProfile, JudgesPackagesOnItsCurve) {
  v1::Policy policy = WithKeys();
  Package(policy).set_tos_fw_key("tee");
  v1::Profile profile = ProfileOf(policy);
  v1::ProfileKey& tee = *profile.add_keys();
  tee.set_name("tee");
  tee.set_public_key(Other().public_key());
  const auto made = PackageProfile::Make(profile);
  ASSERT_OK(made);
  EXPECT_EQ((*made)->rules().curve,
            image::certificate::Curve::kBrainpoolP256t1);
  EXPECT_EQ((*made)->keys().tos_fw, Other().public_key());
  EXPECT_EQ(ToString((*made)->rules().root_key_hash),
            Sha256Of(Own().public_key().substr(28)));
  // Of another curve below the root.
  tee.set_public_key(SharedKey(image::Algorithm::kP256).public_key());
  EXPECT_THAT(
      PackageProfile::Make(profile),
      testing::AllOf(StatusIs(kInvalid, "PROFILE_INVALID"),
                     MessageHas("\"tee\" of target board holds a key on "
                                "prime256v1; expected one of BRAINPOOL_P256T1, "
                                "as the root key is")));
}

TEST(BrainpoolProfile, HasNoKeyOfAnotherCurve) {
  v1::Policy policy = WithKeys();
  Package(policy);
  v1::Profile profile = ProfileOf(policy);
  ASSERT_OK(PackageProfile::Make(profile));
  profile.set_public_key(tests::PublicKeyOn("brainpoolP256r1"));
  EXPECT_THAT(
      PackageProfile::Make(profile),
      testing::AllOf(
          StatusIs(kInvalid, "PROFILE_INVALID"),
          MessageHas("is no key of BRAINPOOL_P256T1 in 92 bytes"),
          MessageHas("found a key on brainpoolP256r1, the regular curve")));
  profile.set_public_key(SharedKey(image::Algorithm::kP256).public_key());
  EXPECT_THAT(PackageProfile::Make(profile),
              StatusIs(kInvalid, "PROFILE_INVALID"));
  profile = ProfileOf(policy);
  profile.set_algorithm(v1::P256);
  EXPECT_THAT(PackageProfile::Make(profile),
              StatusIs(kInvalid, "PROFILE_INVALID"));
}

TEST(BrainpoolProfile, SignsSha256OnAllChips) {
  v1::Policy policy = WithKeys();
  for (const v1::Stm32Chip chip : kWithATable) {
    *tests::AddedTarget(policy).mutable_stm32_header() = WithTable(chip);
    EXPECT_EQ(SignedHash(tests::AddedTarget(policy), v1::BRAINPOOL_P256T1),
              image::HashAlgorithm::kSha256);
    const auto made = FirstStageProfile::Make(ProfileOf(policy));
    ASSERT_OK(made) << chip;
    EXPECT_EQ((*made)->keys().index, 2u);
  }
}

// A profile comes from a file, and no server has looked at it.
TEST(BrainpoolProfile, OfMcubootIsRefused) {
  v1::Policy policy = WithKeys();
  tests::AddedTarget(policy).mutable_mcuboot()->set_header_size(0x400);
  tests::AddedTarget(policy).mutable_mcuboot()->set_slot_size(0x80000);
  EXPECT_THAT(McubootProfile::Make(ProfileOf(policy)),
              testing::AllOf(StatusIs(kInvalid, "PROFILE_INVALID"),
                             MessageHas("takes no key of BRAINPOOL_P256T1")));
}

}  // namespace
}  // namespace bootseal::trust
