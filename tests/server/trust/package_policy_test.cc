// Targets for packages: what a policy must say of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/trust/decision.h"
#include "server/trust/package_format.h"
#include "server/trust/package_profile.h"
#include "server/trust/parts.h"
#include "server/trust/target_format.h"
#include "server/trust/target_profile.h"
#include "tests/server/trust/spoilt_policy.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_package.h"

namespace bootseal::trust {
namespace {

using image::certificate::Role;
using tests::AddKey;
using tests::MessageHas;
using tests::Spoilt;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

v1::Policy WithPackage() {
  v1::Policy policy = tests::ExamplePolicy();
  for (const char* name : {"root", "tw", "ntw", "tee", "boot"}) {
    AddKey(policy, name, name);
  }
  *tests::AddTarget(policy, "stm32mp157/fip", "root").mutable_fip() =
      tests::TestPackageFormat();
  return policy;
}

v1::FipFormat& FormatOf(v1::Policy& policy) {
  return *tests::AddedTarget(policy).mutable_fip();
}

TEST(PackageFormat, IsTakenAsItIs) {
  EXPECT_OK(Policy::Parse(tests::TextOf(WithPackage())));
  v1::Policy policy = WithPackage();
  FormatOf(policy).set_trusted_world_key("tw");
  FormatOf(policy).set_non_trusted_world_key("ntw");
  FormatOf(policy).set_tos_fw_key("tee");
  FormatOf(policy).set_nt_fw_key("boot");
  FormatOf(policy).set_align(4096);
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

class PackageRefuses : public ::testing::TestWithParam<Spoilt> {};

TEST_P(PackageRefuses, ByName) {
  tests::ExpectAddedRefusedByName(WithPackage(), GetParam());
}

const Spoilt kSpoilt[] = {
    {"NoChip", [](auto& p) { FormatOf(p).clear_chip(); },
     "fip.chip: required: STM32MP15"},
    {"NoSize", [](auto& p) { FormatOf(p).clear_max_size(); },
     "fip.max_size: required"},
    {"SizeAboveAGibibyte",
     [](auto& p) { FormatOf(p).set_max_size((1ull << 30) + 1); },
     "fip.max_size: 1073741825, expected at most 1073741824"},
    {"NoBegin", [](auto& p) { FormatOf(p).clear_valid_from(); },
     "fip.valid_from: required"},
    {"BeginThatIsNone", [](auto& p) { FormatOf(p).set_valid_from("today"); },
     "fip.valid_from: \"today\", expected a time such as"},
    {"BeginTooLate",
     [](auto& p) { FormatOf(p).set_valid_from("9900-01-01T00:00:00Z"); },
     "fip.valid_from: \"9900-01-01T00:00:00Z\", expected"},
    {"ValidForAges", [](auto& p) { FormatOf(p).set_valid_days(36'501); },
     "fip.valid_days: 36501, expected at most 36500"},
    {"AlignmentThatIsNone", [](auto& p) { FormatOf(p).set_align(3); },
     "fip.align: 3, expected a power of two"},
    {"ImageTwice",
     [](auto& p) { FormatOf(p).mutable_images(1)->set_name("tos-fw-extra2"); },
     "fip.images[2].name: \"tos-fw-extra2\" is given twice"},
    {"ImageOfAnotherPlatform",
     [](auto& p) { FormatOf(p).mutable_images(1)->set_name("soc-fw"); },
     "fip.images[1].name: \"soc-fw\" is no image that certificates speak for"},
    {"ImageThatIsForbidden",
     [](auto& p) {
       FormatOf(p).mutable_images(1)->set_presence(v1::FORBIDDEN);
     },
     "fip.images[1].presence: expected OPTIONAL or REQUIRED"},
    {"WithoutTheTrustedOs",
     [](auto& p) {
       FormatOf(p).mutable_images()->SwapElements(0, 5);
       FormatOf(p).mutable_images()->RemoveLast();
     },
     "fip.images: needs \"tos-fw\" as REQUIRED"},
    {"WithAnOptionalBootloader",
     [](auto& p) { FormatOf(p).mutable_images(3)->set_presence(v1::OPTIONAL); },
     "fip.images: needs \"nt-fw\" as REQUIRED"},
    {"CeilingThatNoCertificateHolds",
     [](auto& p) { FormatOf(p).set_security_counter_ceiling(0x80000000); },
     "fip.security_counter_ceiling: 2147483648, expected at most 2147483647"},
    {"DefaultAboveTheCeiling",
     [](auto& p) { FormatOf(p).set_default_security_counter(1025); },
     "fip.default_security_counter: 1025 is above the ceiling of 1024"},
    {"KeyThatIsNotThere",
     [](auto& p) { FormatOf(p).set_trusted_world_key("nobody"); },
     "fip.trusted_world_key: no key named \"nobody\""},
    {"KeyOfTheLog", [](auto& p) { FormatOf(p).set_nt_fw_key("log"); },
     "fip.nt_fw_key: key \"log\" has purpose CHECKPOINT, expected FIRMWARE"},
    {"KeyOfAnotherKind",
     [](auto& p) {
       AddKey(p, "wide", "wide", v1::P384);
       FormatOf(p).set_tos_fw_key("wide");
     },
     "fip.tos_fw_key: key \"wide\" is P384, expected P256"},
    {"RootOfAnotherKind",
     [](auto& p) {
       AddKey(p, "wide", "wide", v1::P384);
       tests::AddedTarget(p).set_key("wide");
     },
     "fip: needs keys of P256, or all of BRAINPOOL_P256T1: the chip verifies "
     "no other; the key is P384"},
};
INSTANTIATE_TEST_SUITE_P(Policy, PackageRefuses, testing::ValuesIn(kSpoilt),
                         [](const auto& one) { return one.param.name; });

TEST(PackageKeys, DescendToThePlacesBelow) {
  v1::Target target;
  target.set_key("root");
  target.mutable_fip();
  const auto signers = [&] {
    std::vector<std::string> names;
    for (const Role role : {Role::kConfig, Role::kTrustedKey, Role::kTosFwKey,
                            Role::kTosFw, Role::kNtFwKey, Role::kNtFw}) {
      names.push_back(SignerOf(target, role));
    }
    return absl::StrJoin(names, " ");
  };
  EXPECT_EQ(signers(), "root root root root root root");
  EXPECT_EQ(absl::StrJoin(KeysOf(target), " "), "root");
  target.mutable_fip()->set_trusted_world_key("tw");
  EXPECT_EQ(signers(), "root root tw tw root root");
  target.mutable_fip()->set_nt_fw_key("boot");
  EXPECT_EQ(signers(), "root root tw tw root boot");
  target.mutable_fip()->set_non_trusted_world_key("tw");
  EXPECT_EQ(signers(), "root root tw tw tw boot");
  target.mutable_fip()->set_tos_fw_key("tee");
  EXPECT_EQ(signers(), "root root tw tee tw boot");
  EXPECT_EQ(absl::StrJoin(KeysOf(target), " "), "root tw tee boot");
}

// A key that is missing is never replaced by another one.
TEST(PackageKeys, AreAllInTheProfileOrThereIsNone) {
  v1::Profile profile;
  profile.mutable_target()->set_name("board");
  profile.mutable_target()->set_key("root");
  *profile.mutable_target()->mutable_fip() = tests::TestPackageFormat();
  profile.mutable_target()->mutable_fip()->set_tos_fw_key("tee");
  profile.set_algorithm(v1::P256);
  profile.set_public_key(
      tests::SharedKey(image::Algorithm::kP256).public_key());
  EXPECT_THAT(PackageProfile::Make(profile),
              testing::AllOf(StatusIs(kInvalid, "PROFILE_INVALID"),
                             MessageHas("\"tee\" of target board holds no "
                                        "SubjectPublicKeyInfo (0 bytes); "
                                        "expected one of P256")));
  v1::ProfileKey& key = *profile.add_keys();
  key.set_name("tee");
  key.set_public_key(tests::SharedKey(image::Algorithm::kP384).public_key());
  EXPECT_THAT(PackageProfile::Make(profile),
              StatusIs(kInvalid, "PROFILE_INVALID"));
  const tests::SigningKey tee(image::Algorithm::kP256);
  key.set_public_key(tee.public_key());
  const auto made = PackageProfile::Make(profile);
  ASSERT_OK(made);
  EXPECT_EQ((*made)->keys().tos_fw, tee.public_key());
  EXPECT_EQ((*made)->keys().nt_fw, profile.public_key());
  const auto target = TargetProfile::Make(profile);
  ASSERT_OK(target);
  EXPECT_EQ(target->key_hash_for("tos-fw-cert"), Sha256Of(tee.public_key()));
  EXPECT_EQ(target->key_hash_for("nt-fw-cert"), Sha256Of(profile.public_key()));
}

}  // namespace
}  // namespace bootseal::trust
