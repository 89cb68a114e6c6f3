#include "server/trust/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::Not;
using ::testing::NotNull;

MATCHER(IsInvalid, "") {
  return ExplainMatchResult(
      tests::StatusIs(absl::StatusCode::kInvalidArgument, "POLICY_INVALID"),
      arg, result_listener);
}

TEST(Policy, AnswersWhatItWasAsked) {
  const auto policy = tests::Parsed(tests::ExamplePolicy());
  ASSERT_THAT(policy->FindTarget("secure"), NotNull());
  EXPECT_EQ(policy->FindTarget("secure")->key(), "secure");
  ASSERT_THAT(policy->FindKey("log"), NotNull());
  EXPECT_EQ(policy->FindKey("log")->purpose(), v1::CHECKPOINT);
  ASSERT_THAT(policy->FindTrustDomain("other.example"), NotNull());
  EXPECT_EQ(policy->FindTrustDomain("other.example")->ca_pem(),
            tests::kOtherCaPem);
  ASSERT_THAT(policy->FindPerson("audrey"), NotNull());
}

TEST(Policy, FindsOnePersonByAnyOfTheirSubjects) {
  const auto policy = tests::Parsed(tests::ExamplePolicy());
  for (const char* subject : {"spiffe://dev.example/people/alice",
                              "other.example CN=alice,O=Example"}) {
    ASSERT_THAT(policy->FindPersonBySubject(subject), NotNull()) << subject;
    EXPECT_EQ(policy->FindPersonBySubject(subject)->name(), "alice");
  }
}

TEST(Policy, KnowsNobodyByHalfASubject) {
  const auto policy = tests::Parsed(tests::ExamplePolicy());
  for (const char* subject :
       {"", "alice", "CN=alice,O=Example", "spiffe://dev.example/people",
        "spiffe://other.example/people/alice",
        "dev.example CN=alice,O=Example"}) {
    EXPECT_THAT(policy->FindPersonBySubject(subject), IsNull()) << subject;
  }
}

TEST(Policy, GivesRolesInItsOwnOrder) {
  const auto policy = tests::Parsed(tests::ExamplePolicy());
  EXPECT_THAT(policy->RolesOf("alice"), ElementsAre("developer", "auditor"));
  EXPECT_THAT(policy->RolesOf("nobody"), IsEmpty());
}

TEST(Policy, DeniesListedCertificatesByRawHash) {
  const auto policy = tests::Parsed(tests::ExamplePolicy());
  EXPECT_TRUE(policy->IsDenied(std::string(32, '\xee')));
  EXPECT_FALSE(policy->IsDenied(std::string(32, '\xef')));
  EXPECT_FALSE(policy->IsDenied(std::string(64, 'e')));
  EXPECT_FALSE(policy->IsDenied(""));
}

TEST(Policy, KeepsItsTextAndHashesIt) {
  const std::string text =
      tests::TextOf(tests::ExamplePolicy()) + "# a comment counts\n";
  const auto policy = Policy::Parse(text);
  ASSERT_OK(policy);
  EXPECT_EQ((*policy)->text(), text);
  EXPECT_EQ((*policy)->sha256().size(), 32u);
  EXPECT_NE((*policy)->sha256(),
            tests::Parsed(tests::ExamplePolicy())->sha256());
}

TEST(Policy, HashesTheBytesOfTheFile) {
  const std::string text = "version: 1\n";
  const auto policy = Policy::Parse(text);
  ASSERT_OK(policy);
  // printf 'version: 1\n' | sha256sum
  EXPECT_EQ(absl::BytesToHexString((*policy)->sha256()),
            "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
}

TEST(Policy, MayHaveTheHighestVersionThatALogHolds) {
  EXPECT_OK(Policy::Parse("version: 9223372036854775807\n"));
}

TEST(Policy, ReportsEveryProblemAtOnceWithItsField) {
  v1::Policy policy = tests::ExamplePolicy();
  policy.set_version(0);
  policy.mutable_people(0)->set_subjects(0, "spiffe://nowhere.example/ci");
  policy.mutable_keys(0)->set_uri("pkcs11:object=a?pin-value=1234");
  policy.mutable_targets(1)->set_key("release");
  policy.mutable_targets(1)->mutable_mcuboot()->set_header_size(31);
  EXPECT_THAT(
      Policy::Parse(tests::TextOf(policy)),
      AllOf(IsInvalid(), tests::MessageHas("policy has 5 problems"),
            tests::MessageHas("\n  version: required"),
            tests::MessageHas(
                "\n  people[0].subjects[0]: no trust domain named "
                "\"nowhere.example\"; known: dev.example, other.example"),
            tests::MessageHas("\n  keys[0].uri: has pin-value"),
            tests::MessageHas("\n  targets[1].key: no key named \"release\"; "
                              "known: app, edwards, log, secure"),
            tests::MessageHas("\n  targets[1].mcuboot.header_size: 31")));
}

TEST(Policy, ReportsUnknownFieldsAndMeaningTogether) {
  EXPECT_THAT(Policy::Parse("version: 1\ntarget { }\nkeys { nam: \"x\" }\n"),
              AllOf(IsInvalid(), tests::MessageHas("line 2:8: "),
                    tests::MessageHas("no field named \"target\""),
                    tests::MessageHas("line 3:11: "),
                    tests::MessageHas("no field named \"nam\""),
                    tests::MessageHas("keys[0].name: required"),
                    tests::MessageHas(
                        "keys[0].public_key_sha256: \"\" is no SHA-256")));
}

TEST(Policy, PointsAtTheTokenThatFitsNowhere) {
  EXPECT_THAT(Policy::Parse("version: 1\nkeys {\n  name: 5\n}\n"),
              AllOf(IsInvalid(), tests::MessageHas("line 3:9: "),
                    tests::MessageHas("policy has 1 problem:")));
}

TEST(Policy, NeverRepeatsAPin) {
  v1::Policy policy = tests::ExamplePolicy();
  policy.mutable_keys(0)->set_uri("pkcs11:object=a?pin-value=47110815");
  EXPECT_THAT(Policy::Parse(tests::TextOf(policy)),
              AllOf(IsInvalid(), Not(tests::MessageHas("47110815"))));
}

TEST(Policy, RefusesAFileThatTheLogCannotHold) {
  EXPECT_THAT(Policy::Parse("version: 1\n#" + std::string(65000, 'x')),
              AllOf(IsInvalid(), tests::MessageHas("at most 65000")));
}

TEST(Policy, RefusesWhatIsNotUtf8) {
  EXPECT_THAT(Policy::Parse("version: 1 # \xff\n"),
              AllOf(IsInvalid(), tests::MessageHas("the file is not UTF-8")));
  EXPECT_THAT(Policy::Parse("version: 1 people { name: \"\\377\" }"),
              AllOf(IsInvalid(), tests::MessageHas("a string is not UTF-8")));
}

TEST(Policy, RefusesAnEmptyFile) {
  EXPECT_THAT(Policy::Parse(""),
              AllOf(IsInvalid(), tests::MessageHas("version: required")));
}

}  // namespace
}  // namespace bootseal::trust
