// Keys that devices trust beside the one that signs: what a policy may say of
// them, and what comes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/trust/overlap.h"
#include "server/trust/package_profile.h"
#include "server/trust/target_format.h"
#include "server/trust/target_profile.h"
#include "tests/server/trust/spoilt_policy.h"
#include "tests/support/key_table.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_package.h"

namespace bootseal::trust {
namespace {

using testing::ElementsAre;
using tests::EightKeys;
using tests::MessageHas;
using tests::PemOf;
using tests::SigningKey;
using tests::Spoilt;
using tests::StatusIs;

// Target app, of key app; app2 is trusted too.
v1::Policy Overlapping() {
  v1::Policy policy = tests::ExamplePolicy();
  tests::AddKey(policy, "app2", EightKeys()[0].public_key());
  policy.mutable_targets(tests::kApp)->add_overlap_keys("app2");
  return policy;
}

v1::Policy WithTable() {
  v1::Policy policy = tests::ExamplePolicy();
  tests::AddKey(policy, "fsbl", EightKeys()[2].public_key());
  tests::AddKey(policy, "fsbl2", EightKeys()[5].public_key());
  v1::Target& target = tests::AddTarget(policy, "fsbl", "fsbl");
  target.add_overlap_keys("fsbl2");
  v1::Stm32HeaderFormat& format = *target.mutable_stm32_header();
  format = tests::TestFirstStageFormat();
  format.set_chip(v1::STM32MP13);
  format.set_key_index(2);
  for (const SigningKey& key : EightKeys())
    format.add_public_keys(PemOf(key.public_key()));
  return policy;
}

TEST(OverlapKeys, AreTaken) {
  EXPECT_OK(Policy::Parse(tests::TextOf(Overlapping())));
  EXPECT_OK(Policy::Parse(tests::TextOf(WithTable())));
}

TEST(OverlapKeys, SignNothing) {
  const auto policy = tests::Parsed(Overlapping());
  EXPECT_THAT(KeysOf(*policy->FindTarget("app")), ElementsAre("app"));
}

class OverlapKeysRefuse : public ::testing::TestWithParam<Spoilt> {};

TEST_P(OverlapKeysRefuse, ByName) {
  v1::Policy policy = Overlapping();
  GetParam().spoil(policy);
  tests::ExpectOneProblem(policy, GetParam().problem);
}

v1::Target& App(v1::Policy& policy) {
  return *policy.mutable_targets(tests::kApp);
}
v1::PinnedKey& Added(v1::Policy& policy) {
  return *policy.mutable_keys(policy.keys_size() - 1);
}

const Spoilt kSpoilt[] = {
    {"Unknown", [](auto& p) { App(p).set_overlap_keys(0, "nobody"); },
     "targets[0].overlap_keys[0]: no key named \"nobody\"; known: "},
    {"Nameless", [](auto& p) { App(p).add_overlap_keys(""); },
     "targets[0].overlap_keys[1]: no key named \"\""},
    {"Twice", [](auto& p) { App(p).add_overlap_keys("app2"); },
     "targets[0].overlap_keys[1]: \"app2\" is given twice"},
    {"TheKeyItself", [](auto& p) { App(p).add_overlap_keys("app"); },
     "targets[0].overlap_keys[1]: \"app\" is the target's key, which is "
     "trusted anyway"},
    {"OtherAlgorithm", [](auto& p) { Added(p).set_algorithm(v1::ED25519); },
     "targets[0].overlap_keys[0]: key \"app2\" is ED25519, expected P256, as "
     "\"app\" is"},
    {"OfTheLog", [](auto& p) { App(p).add_overlap_keys("log"); },
     "targets[0].overlap_keys[1]: key \"log\" has purpose CHECKPOINT, expected "
     "FIRMWARE"},
    {"Canary", [](auto& p) { Added(p).set_purpose(v1::CANARY); },
     "targets[0].overlap_keys[0]: key \"app2\" has purpose CANARY, expected "
     "FIRMWARE"},
};
INSTANTIATE_TEST_SUITE_P(Policy, OverlapKeysRefuse,
                         ::testing::ValuesIn(kSpoilt),
                         [](const auto& each) { return each.param.name; });

TEST(OverlapKeys, OfAFirstStageAreInItsTable) {
  v1::Policy policy = WithTable();
  Added(policy).set_public_key_sha256(std::string(64, '1'));
  tests::ExpectOneProblem(policy,
                          "targets[4].overlap_keys[0]: key \"fsbl2\" is none "
                          "of stm32_header.public_keys");
}

TEST(OverlapKeys, AreNotForAChipWithOneHashFused) {
  v1::Policy policy = WithTable();
  v1::Stm32HeaderFormat& format =
      *tests::AddedTarget(policy).mutable_stm32_header();
  format = tests::TestFirstStageFormat();
  ASSERT_EQ(format.chip(), v1::STM32MP15);
  tests::ExpectOneProblem(
      policy,
      "targets[4].overlap_keys: not for an STM32MP15: it has the hash "
      "of one key fused");
  tests::AddedTarget(policy).clear_stm32_header();
  *tests::AddedTarget(policy).mutable_fip() = tests::TestPackageFormat();
  tests::AddedTarget(policy).mutable_fip()->set_chip(v1::STM32MP15);
  tests::ExpectOneProblem(policy,
                          "targets[4].overlap_keys: not for an STM32MP15");
}

TEST(OverlapKeys, AreNotForCapsules) {
  v1::Policy policy = WithTable();
  tests::AddedTarget(policy).clear_stm32_header();
  tests::AddedTarget(policy).mutable_capsule();
  EXPECT_THAT(Policy::Parse(tests::TextOf(policy)),
              MessageHas("targets[4].overlap_keys: not for capsules"));
}

v1::Profile ProfileOf(const v1::Policy& policy, const v1::Target& target) {
  v1::Profile profile;
  *profile.mutable_target() = target;
  profile.set_algorithm(policy.keys(policy.keys_size() - 1).algorithm());
  return profile;
}

TEST(OverlapKeys, GiveAProfileForEachKeyTheCurrentOneFirst) {
  const v1::Policy policy = Overlapping();
  v1::Profile profile = ProfileOf(policy, policy.targets(tests::kApp));
  profile.set_public_key(EightKeys()[1].public_key());
  v1::ProfileKey& key = *profile.add_keys();
  key.set_name("app2");
  key.set_public_key(EightKeys()[0].public_key());
  const std::vector<v1::Profile> profiles = ProfilesByKey(profile);
  ASSERT_EQ(profiles.size(), 2U);
  EXPECT_EQ(profiles[0].target().key(), "app");
  EXPECT_EQ(profiles[0].public_key(), EightKeys()[1].public_key());
  EXPECT_EQ(profiles[1].target().key(), "app2");
  EXPECT_EQ(profiles[1].public_key(), EightKeys()[0].public_key());
  for (const v1::Profile& each : profiles) {
    EXPECT_TRUE(each.target().overlap_keys().empty());
    EXPECT_OK(TargetProfile::Make(each));
  }
  EXPECT_OK(CheckHasEveryKey(profile));
}

TEST(OverlapKeys, OneThatTheProfileLacksIsNamedAndJudgesNothing) {
  const v1::Policy policy = Overlapping();
  v1::Profile profile = ProfileOf(policy, policy.targets(tests::kApp));
  profile.set_public_key(EightKeys()[1].public_key());
  EXPECT_EQ(ProfilesByKey(profile).size(), 1U);
  EXPECT_THAT(
      CheckHasEveryKey(profile),
      StatusIs(absl::StatusCode::kFailedPrecondition, "OVERLAP_KEY_MISSING"));
}

TEST(OverlapKeys, OfAFirstStageBringTheirPlaceInTheTable) {
  const v1::Policy policy = WithTable();
  v1::Profile profile = ProfileOf(policy, policy.targets(4));
  profile.set_public_key(EightKeys()[2].public_key());
  v1::ProfileKey& key = *profile.add_keys();
  key.set_name("fsbl2");
  key.set_public_key(EightKeys()[5].public_key());
  const std::vector<v1::Profile> profiles = ProfilesByKey(profile);
  ASSERT_EQ(profiles.size(), 2U);
  EXPECT_EQ(profiles[1].target().stm32_header().key_index(), 5U);
  const auto first = FirstStageProfile::Make(profiles[0]);
  const auto second = FirstStageProfile::Make(profiles[1]);
  ASSERT_OK(first);
  ASSERT_OK(second);
  // The table is what is fused: nothing is to be fused anew.
  EXPECT_EQ((*first)->fused_hash(), (*second)->fused_hash());
  EXPECT_NE((*first)->key_hash(), (*second)->key_hash());
}

}  // namespace
}  // namespace bootseal::trust
