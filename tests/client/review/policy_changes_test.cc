// When the review warns of what a policy changed, and when it does not.
#include "client/review/policy_changes.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/review/sha256.h"
#include "tests/client/review/policy_changes_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(PolicyChangesTest, TellOfANewTargetInEachKind) {
  v1::Target& target = *policy_.add_targets();
  target = Target("guarded", policy_);
  target.set_name("back-door");
  target.set_approvals(0);
  target.clear_lower_version();
  target.clear_approvers();
  Load();
  EXPECT_THAT(Found(), AllOf(SizeIs(4), Each("policy:TRUST_CHANGED@1?")));
  EXPECT_EQ(MessageOf("TRUST_CHANGED"),
            "policy version 8 changes approvals of version 7: new target "
            "\"back-door\" (approvals 0); confirm it with those who answer for "
            "the policy");
}

TEST_F(PolicyChangesTest, TellOfATargetThatIsGone) {
  policy_.mutable_targets()->RemoveLast();
  Load();
  EXPECT_THAT(MessageOf("TRUST_CHANGED"),
              HasSubstr("no more target \"guarded\" (approvals 2, approvers "
                        "release-manager)"));
}

TEST_F(PolicyChangesTest, TellOfEachLoad) {
  Target("guarded", policy_).set_approvals(1);
  Load();
  Target("guarded", policy_).set_approvals(2);
  Load();
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@1?",
                                   "policy:TRUST_CHANGED@2?"));
}

TEST_F(PolicyChangesTest, TellOfEachKind) {
  Target("guarded", policy_).set_approvals(1);
  Target("secure", policy_).set_approvals(1);
  Target("secure", policy_).add_approvers("release-manager");
  Role("release-manager", policy_).add_members("alice");
  Load();
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@1?",
                                   "policy:TRUST_CHANGED@1?"));
}

TEST_F(PolicyChangesTest, CompareWithTheLastThatCouldBeRead) {
  policy_.set_version(8);
  LoadText("version: 8 nonsense {");
  Target("guarded", policy_).set_approvals(1);
  Load();
  EXPECT_THAT(Found(), ElementsAre("policy:POLICY_INVALID@1",
                                   "policy:TRUST_CHANGED@2?"));
}

TEST_F(PolicyChangesTest, SayWhoLoadedItWhenTheEntryDoes) {
  Target("guarded", policy_).set_approvals(1);
  policy_.set_version(8);
  v1::Entry entry = decoded_[0];
  entry.mutable_policy()->set_text(TextOf(policy_));
  entry.mutable_policy()->set_version(8);
  entry.mutable_policy()->set_sha256(review::Sha256(entry.policy().text()));
  entry.set_policy_sha256(entry.policy().sha256());
  *entry.mutable_caller() = CallerNamed("olga");
  Add(entry);
  EXPECT_THAT(MessageOf("TRUST_CHANGED"),
              HasSubstr("policy version 8 was loaded by olga and changes "));
}

TEST_F(PolicyChangesTest, ShortenWhatIsLong) {
  v1::Person& eve = *policy_.add_people();
  eve.set_name("eve");
  for (int i = 10; i < 60; ++i) {
    eve.add_subjects(
        absl::StrCat("spiffe://dev.example/", i, std::string(200, 'x')));
  }
  Load();
  EXPECT_THAT(MessageOf("TRUST_CHANGED"),
              AllOf(HasSubstr("subjects spiffe://dev.example/10xxx"),
                    HasSubstr("xxx... and 42 more)")));
  EXPECT_LT(MessageOf("TRUST_CHANGED").size(), 1200U);
}

TEST_F(PolicyChangesTest, SayNothingOfTheFirstPolicyNorOfTheSameAgain) {
  AddPolicy();
  EXPECT_THAT(Found(), IsEmpty());
}

template <typename T>
void Reverse(google::protobuf::RepeatedPtrField<T>& elements) {
  std::reverse(elements.pointer_begin(), elements.pointer_end());
}

TEST_F(PolicyChangesTest, SayNothingOfAnotherOrder) {
  Reverse(*policy_.mutable_people());
  Reverse(*policy_.mutable_roles());
  Reverse(*policy_.mutable_keys());
  Reverse(*policy_.mutable_targets());
  Reverse(*policy_.mutable_trust_domains());
  Reverse(*Target("app", policy_).mutable_requesters());
  Reverse(*Role("release-manager", policy_).mutable_members());
  Reverse(*Person("rob", policy_).mutable_approver_keys());
  Reverse(*Person("alice", policy_).mutable_subjects());
  Load();
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(PolicyChangesTest, SayNothingOfAnotherWayToWriteTheSame) {
  policy_.set_version(8);
  Target("guarded", policy_).set_approval_seconds(604'800);
  Target("app", policy_).set_lower_version(v1::REFUSE);
  Mcuboot("app", policy_).set_security_counter(v1::OPTIONAL);
  policy_.mutable_issuers(0)->set_max_age_seconds(600);
  policy_.mutable_key_approvals()->set_approval_seconds(604'800);
  policy_.set_denied_certificates(0, std::string(64, 'E'));
  policy_.mutable_trust_domains(0)->set_ca_pem(
      absl::StrCat("a CA of ours\n", kCaPem, "\n"));
  Person("rob", policy_)
      .mutable_approver_keys(1)
      ->set_public_key(
          absl::StrReplaceAll(kAnotherKey, {{"audrey@desk", "rob at home"}}));
  const std::string text = absl::StrCat("# by hand\n\n", TextOf(policy_));
  ASSERT_OK(trust::Policy::ParseLogged(text));
  LoadText(absl::StrReplaceAll(text, {{"\n", "\n  \n"}}));
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(PolicyChangesTest, SayNothingOfWhatIsNoTrust) {
  Target("app", policy_).set_lane(v1::RELEASES);
  Mcuboot("app", policy_).set_slot_size(0x40000);
  policy_.mutable_keys(0)->set_uri("pkcs11:token=moved;object=app");
  policy_.mutable_issuers(0)->set_jwks_path("elsewhere.jwks");
  Load();
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(PolicyChangesTest, SayNothingOfStricterRules) {
  Target("guarded", policy_).set_lower_version(v1::REFUSE);
  Target("guarded", policy_).set_approval_seconds(3600);
  Mcuboot("app", policy_).set_security_counter(v1::REQUIRED);
  Mcuboot("secure", policy_).set_security_counter_ceiling(256);
  policy_.add_denied_certificates(std::string(64, '1'));
  policy_.add_revoked_approvals(std::string(64, '2'));
  Load();
  EXPECT_THAT(Found(), IsEmpty());
}

}  // namespace
}  // namespace bootseal::tests
