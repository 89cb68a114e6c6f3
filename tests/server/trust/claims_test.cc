#include "server/trust/claims.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_issuer.h"

namespace bootseal::trust {
namespace {

using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

bool Glob(const std::string& pattern, const std::string& value) {
  v1::ClaimRule rule;
  rule.set_glob(pattern);
  return Matches(rule, value);
}

TEST(ClaimRule, EqualsTheWholeValueAndNothingElse) {
  v1::ClaimRule rule;
  rule.set_equals("refs/heads/main");
  EXPECT_TRUE(Matches(rule, "refs/heads/main"));
  EXPECT_FALSE(Matches(rule, "refs/heads/main2"));
  EXPECT_FALSE(Matches(rule, "refs/heads/Main"));
  EXPECT_FALSE(Matches(rule, ""));
}

TEST(ClaimRule, HasAPrefixAtTheBeginningAlone) {
  v1::ClaimRule rule;
  rule.set_prefix("refs/tags/v");
  EXPECT_TRUE(Matches(rule, "refs/tags/v1.0"));
  EXPECT_TRUE(Matches(rule, "refs/tags/v"));
  EXPECT_FALSE(Matches(rule, "x/refs/tags/v1.0"));
  EXPECT_FALSE(Matches(rule, "refs/tags/"));
}

TEST(ClaimRule, WithoutAMatchMatchesNothing) {
  EXPECT_FALSE(Matches(v1::ClaimRule(), ""));
}

TEST(ClaimGlob, IsAnchoredAtBothEnds) {
  EXPECT_TRUE(Glob("refs/heads/release-*", "refs/heads/release-1"));
  EXPECT_FALSE(Glob("refs/heads/release-*", "xrefs/heads/release-1"));
  EXPECT_FALSE(Glob("release-*-lts", "release-1-lts2"));
  EXPECT_FALSE(Glob("main", "main2"));
  EXPECT_FALSE(Glob("main", "mai"));
}

TEST(ClaimGlob, HasAStarThatStopsAtSlashesAndTwoThatDoNot) {
  EXPECT_TRUE(Glob("a/*/c", "a/b/c"));
  EXPECT_FALSE(Glob("a/*/c", "a/b/b/c"));
  EXPECT_TRUE(Glob("a/**/c", "a/b/b/c"));
  EXPECT_TRUE(Glob("*", ""));
  EXPECT_FALSE(Glob("*", "a/b"));
  EXPECT_TRUE(Glob("**", "a/b"));
  EXPECT_TRUE(Glob("a*", "a"));
  EXPECT_TRUE(
      Glob("*/app/**@refs/tags/v*", "example/app/.ci/x.yml@refs/tags/v1"));
  EXPECT_FALSE(Glob("*/app/**@refs/tags/v*", "example/app/x@refs/tags/v1/2"));
}

TEST(ClaimGlob, TakesOtherCharactersAsTheyAre) {
  EXPECT_FALSE(Glob("v1.0", "v1x0"));
  EXPECT_FALSE(Glob("v?", "v1"));
  EXPECT_FALSE(Glob("[ab]", "a"));
  EXPECT_TRUE(Glob("[ab]?", "[ab]?"));
}

TEST(ClaimGlob, TakesNoLongerForAPatternThatOthersBacktrackIn) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "a**";
  EXPECT_FALSE(Glob(pattern + "b", std::string(4000, 'a')));
}

class FindPerson : public testing::Test {
 protected:
  FindPerson() : proto_(tests::ExamplePolicy()) {
    v1::Issuer& issuer = *proto_.add_issuers();
    issuer.set_name("jobs");
    issuer.set_url("https://issuer.example");
    issuer.set_audience("us");
    issuer.set_jwks_path("jobs.jwks");
    issuer.set_jwks_sha256(std::string(64, '0'));
    issuer.add_algorithms(v1::RS256);
    Add(0, {{"project", "1"}, {"ref", "main"}, {"stage", "prod"}});
    Add(1, {{"project", "2"}, {"ref", "main"}, {"stage", "test"}});
  }
  void Add(int person, const std::map<std::string, std::string>& claims) {
    *proto_.mutable_people(person)->add_workloads() =
        tests::WorkloadOf("jobs", claims);
  }
  absl::StatusOr<std::string> Find(const Claims& claims) {
    const auto policy = tests::Parsed(proto_);
    const auto person = FindPersonByClaims(*policy, "jobs", claims);
    if (!person.ok()) return person.status();
    return (*person)->name();
  }

  v1::Policy proto_;
};

TEST_F(FindPerson, ByAllClaimsOfOneWorkload) {
  EXPECT_EQ(*Find({{"project", "1"}, {"ref", "main"}, {"stage", "prod"}}),
            "ci");
  EXPECT_EQ(*Find({{"project", "2"}, {"ref", "main"}, {"stage", "test"}}),
            "alice");
}

TEST_F(FindPerson, NamesWhatFailedInTheNearestWorkload) {
  const auto person =
      Find({{"project", "2"}, {"ref", "main"}, {"stage", "prod"}});
  EXPECT_THAT(person, StatusIs(Code::kPermissionDenied, "CLAIM_MISMATCH"));
  // Both come as near; the first one is told of.
  EXPECT_THAT(person, MessageHas("claim project is \"2\""));
  const auto other =
      Find({{"project", "2"}, {"ref", "main"}, {"stage", "live"}});
  EXPECT_THAT(other, MessageHas("claim stage is \"live\""));
  EXPECT_THAT(other, MessageHas("of alice"));
}

TEST_F(FindPerson, NamesAClaimThatIsMissing) {
  EXPECT_THAT(Find({{"project", "1"}, {"ref", "main"}}),
              MessageHas("no claim stage"));
}

TEST_F(FindPerson, ShowsAValueOnOneLineAndCut) {
  const auto person = Find({{"project", "1"},
                            {"ref", "main"},
                            {"stage", "a\nb\"" + std::string(500, 'x')}});
  EXPECT_THAT(person, MessageHas("\"a\\nb\\\"xxx"));
  EXPECT_THAT(person, MessageHas("...\""));
  EXPECT_LT(person.status().message().size(), 400U);
}

TEST_F(FindPerson, RefusesClaimsOfTwoPeople) {
  Add(2, {{"project", "1"}});
  EXPECT_THAT(Find({{"project", "1"}, {"ref", "main"}, {"stage", "prod"}}),
              StatusIs(Code::kPermissionDenied, "IDENTITY_AMBIGUOUS"));
}

TEST_F(FindPerson, TakesNoEventThatAStrangerMayHaveMadeUnlessARuleNamesIt) {
  Claims claims{{"project", "1"},
                {"ref", "main"},
                {"stage", "prod"},
                {"event_name", "pull_request_target"}};
  EXPECT_THAT(Find(claims),
              StatusIs(Code::kPermissionDenied, "CLAIM_MISMATCH"));
  claims["event_name"] = "push";
  EXPECT_OK(Find(claims));
}

}  // namespace
}  // namespace bootseal::trust
