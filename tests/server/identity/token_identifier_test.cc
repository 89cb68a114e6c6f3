// Callers that come with a token, alone or beside a certificate.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "server/identity/identifier.h"
#include "tests/server/identity/bad_tokens.h"
#include "tests/support/pki.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_issuer.h"

namespace bootseal::identity {
namespace {

using tests::JsonMembers;
using tests::MessageHas;
using tests::StatusIs;
using tests::TokenIssuer;
using Code = absl::StatusCode;

class AdjustableClock final : public base::Clock {
 public:
  absl::Time Now() const override { return now_; }
  void Set(absl::Time now) { now_ = now; }

 private:
  absl::Time now_ = absl::Now();
};

const TokenIssuer& Issuer() {
  static const auto* issuer = new TokenIssuer("https://issuer.example");
  return *issuer;
}

// Person "ci" is a certificate and a job, "alice" a certificate and an account
// at the issuer.
class TokenIdentifierTest : public testing::Test {
 protected:
  TokenIdentifierTest() : ca_("Example CA") {
    policy_.set_version(1);
    v1::TrustDomain& domain = *policy_.add_trust_domains();
    domain.set_name("dev.example");
    domain.set_ca_pem(ca_.certificate_pem());
    *policy_.add_issuers() = Issuer().Entry("github", "jwks.json");
    policy_.mutable_issuers(0)->set_behind_claim("actor_id");
    v1::Person& ci = *policy_.add_people();
    ci.set_name("ci");
    ci.add_subjects("spiffe://dev.example/ci");
    *ci.add_workloads() = tests::GoodWorkload("github");
    v1::Person& alice = *policy_.add_people();
    alice.set_name("alice");
    alice.add_subjects("spiffe://dev.example/alice");
    alice.add_accounts("github 77");
    v1::Role& role = *policy_.add_roles();
    role.set_name("builders");
    role.add_members("ci");
  }

  Identifier& identifier() {
    if (identifier_) return *identifier_;
    std::string text;
    google::protobuf::TextFormat::PrintToString(policy_, &text);
    auto parsed = trust::Policy::Parse(text);
    EXPECT_OK(parsed);
    auto whole = (*parsed)->WithIssuerKeys(
        [](const std::string&) { return Issuer().KeySet(); });
    EXPECT_OK(whole);
    identifier_ = std::make_unique<Identifier>(*whole, clock_);
    return *identifier_;
  }
  static Peer WithAuthorization(const std::string& text) {
    Peer peer;
    peer.authorizations.emplace_back(std::string(text));
    return peer;
  }
  absl::StatusOr<v1::Caller> Identify(const std::string& token,
                                      const std::string& person = "") {
    Peer peer = WithAuthorization("Bearer " + token);
    if (!person.empty()) peer.leaf_pem = CertificateOf(person);
    return identifier().Identify(peer);
  }
  std::string CertificateOf(const std::string& person) {
    return ca_
        .Issue(tests::ForSpiffe(absl::StrCat("spiffe://dev.example/", person)))
        .certificate_pem;
  }
  static std::string Token(const JsonMembers& changes = {}) {
    JsonMembers claims = GoodClaims(Issuer());
    for (const auto& [name, value] : changes) claims[name] = value;
    return Issuer().Sign(claims);
  }

  tests::CertificateAuthority ca_;
  AdjustableClock clock_;
  v1::Policy policy_;
  std::unique_ptr<Identifier> identifier_;
};

TEST_F(TokenIdentifierTest, KnowsAJobByItsClaims) {
  const auto caller = Identify(Token());
  ASSERT_OK(caller);
  EXPECT_EQ(caller->identity(), "ci");
  EXPECT_EQ(caller->method(), "oidc");
  EXPECT_EQ(caller->issuer(), "github");
  EXPECT_EQ(caller->subject(), "repo:example/app:ref:refs/heads/main");
  EXPECT_EQ(caller->certificate_sha256(), "");
  ASSERT_EQ(caller->roles_size(), 1);
  EXPECT_EQ(caller->roles(0), "builders");
  EXPECT_EQ(caller->behind(), "alice");
}

TEST_F(TokenIdentifierTest, TellsTheClaimsThatTellTheJobAndNoOthers) {
  const auto caller = Identify(
      Token({{"secret", "\"s3cret\""}, {"environment", "\"release\""}}));
  ASSERT_OK(caller);
  std::map<std::string, std::string> claims;
  for (const v1::Claim& claim : caller->claims()) {
    claims[claim.name()] = claim.value();
  }
  EXPECT_EQ(claims["repository_id"], "4711");
  EXPECT_EQ(claims["environment"], "release");
  EXPECT_EQ(claims["ref_protected"], "true");
  EXPECT_EQ(claims["run_id"], "9001");
  EXPECT_EQ(claims["sub"], "repo:example/app:ref:refs/heads/main");
  EXPECT_EQ(claims.count("secret"), 0U);
  EXPECT_EQ(claims.count("exp"), 0U);
}

TEST_F(TokenIdentifierTest, CutsLongClaimsBetweenCharacters) {
  std::string text;
  while (text.size() < 2000) text += "\xc3\xa4";  // two bytes each
  const auto caller =
      Identify(Token({{"environment", tests::JsonText("x" + text)}}));
  ASSERT_OK(caller);
  for (const v1::Claim& claim : caller->claims()) {
    EXPECT_LE(claim.value().size(), 512U);
    if (claim.name() != "environment") continue;
    EXPECT_EQ(claim.value().size(), 511U);
  }
}

TEST_F(TokenIdentifierTest, NamesTheClaimThatFailedAndItsValueNotThePattern) {
  const auto caller = Identify(Token({{"ref", "\"refs/heads/evil\""}}));
  EXPECT_THAT(caller, StatusIs(Code::kPermissionDenied, "CLAIM_MISMATCH"));
  EXPECT_THAT(caller, MessageHas("claim ref is \"refs/heads/evil\""));
  EXPECT_THAT(caller, testing::Not(MessageHas("refs/heads/main")));
  EXPECT_EQ(base::FieldOf(caller.status()), "ref");
}

TEST_F(TokenIdentifierTest, RefusesATokenOfTwoPeople) {
  *policy_.mutable_people(1)->add_workloads() =
      tests::WorkloadOf("github", {{"repository_id", "4711"}});
  const auto caller = Identify(Token());
  EXPECT_THAT(caller, StatusIs(Code::kPermissionDenied, "IDENTITY_AMBIGUOUS"));
  EXPECT_THAT(caller, MessageHas("ci and alice"));
}

TEST_F(TokenIdentifierTest, TakesATokenThatTwoWorkloadsOfOnePersonMatch) {
  *policy_.mutable_people(0)->add_workloads() =
      tests::WorkloadOf("github", {{"repository_id", "4711"}});
  EXPECT_OK(Identify(Token()));
}

TEST_F(TokenIdentifierTest, RefusesPullRequestsThatNoRuleNames) {
  const std::string token = Token({{"event_name", "\"pull_request\""}});
  const auto refused = Identify(token);
  EXPECT_THAT(refused, StatusIs(Code::kPermissionDenied, "CLAIM_MISMATCH"));
  EXPECT_THAT(refused, MessageHas("event_name is \"pull_request\""));
  EXPECT_FALSE(
      Identify(Token({{"event_name", "\"pull_request_target\""}})).ok());
  v1::ClaimRule& rule =
      *policy_.mutable_people(0)->mutable_workloads(0)->add_claims();
  rule.set_claim("event_name");
  rule.set_equals("pull_request");
  identifier_.reset();
  EXPECT_OK(Identify(token));
}

TEST_F(TokenIdentifierTest, RefusesGitLabsMergeRequestsThatNoRuleNames) {
  for (const char* event :
       {"\"merge_request_event\"", "\"external_pull_request_event\""}) {
    const auto refused = Identify(Token({{"pipeline_source", event}}));
    EXPECT_THAT(refused, StatusIs(Code::kPermissionDenied, "CLAIM_MISMATCH"));
    EXPECT_EQ(base::FieldOf(refused.status()), "pipeline_source");
  }
  EXPECT_OK(Identify(Token({{"pipeline_source", "\"push\""}})));
}

TEST_F(TokenIdentifierTest, TakesTokenAndCertificateOfOnePerson) {
  const auto caller = Identify(Token(), "ci");
  ASSERT_OK(caller);
  EXPECT_EQ(caller->method(), "oidc");
  EXPECT_EQ(caller->certificate_sha256().size(), 32U);
}

TEST_F(TokenIdentifierTest, RefusesTokenAndCertificateOfTwoPeople) {
  const auto caller = Identify(Token(), "alice");
  EXPECT_THAT(caller, StatusIs(Code::kUnauthenticated, "IDENTITIES_DIFFER"));
  EXPECT_THAT(caller, MessageHas("alice's"));
}

TEST_F(TokenIdentifierTest, DoesNotTakeAGoodTokenForABadCertificate) {
  EXPECT_THAT(Identify(Token(), "stranger"),
              StatusIs(Code::kPermissionDenied, "UNKNOWN_IDENTITY"));
}

TEST_F(TokenIdentifierTest, DoesNotTakeAGoodCertificateForABadToken) {
  EXPECT_THAT(Identify(Token() + "A", "ci"),
              StatusIs(Code::kUnauthenticated, "TOKEN_SIGNATURE"));
}

TEST_F(TokenIdentifierTest, NoticesWhenAKnownTokenExpires) {
  const std::string token = Token();
  ASSERT_OK(Identify(token));
  clock_.Set(absl::Now() + absl::Seconds(359));
  EXPECT_OK(Identify(token));
  clock_.Set(absl::Now() + absl::Seconds(362));
  EXPECT_THAT(Identify(token),
              StatusIs(Code::kUnauthenticated, "TOKEN_EXPIRED"));
}

TEST_F(TokenIdentifierTest, TellsBothWaysToSomebodyWithNeither) {
  const auto caller = identifier().Identify(Peer());
  EXPECT_THAT(caller, StatusIs(Code::kUnauthenticated, "NO_CREDENTIALS"));
  EXPECT_THAT(caller, MessageHas("TLS client certificate"));
  EXPECT_THAT(caller, MessageHas("authorization: Bearer"));
}

TEST_F(TokenIdentifierTest, TakesTheSchemeInAnyCase) {
  EXPECT_OK(identifier().Identify(WithAuthorization("bearer " + Token())));
}

TEST_F(TokenIdentifierTest, RefusesAnAuthorizationThatIsNoBearerToken) {
  for (const std::string& text :
       {std::string("Basic dXNlcjpwYXNz"), Token(), std::string("Bearer")}) {
    EXPECT_THAT(identifier().Identify(WithAuthorization(text)),
                StatusIs(Code::kUnauthenticated, "AUTHORIZATION_MALFORMED"));
  }
}

TEST_F(TokenIdentifierTest, RefusesTwoTokens) {
  Peer peer = WithAuthorization("Bearer " + Token());
  peer.authorizations.emplace_back("Bearer " + Token());
  EXPECT_THAT(identifier().Identify(peer),
              StatusIs(Code::kUnauthenticated, "AUTHORIZATION_MALFORMED"));
}

TEST_F(TokenIdentifierTest, RefusesAnEmptyAuthorizationBesideACertificate) {
  Peer peer = WithAuthorization("");
  peer.leaf_pem = CertificateOf("ci");
  EXPECT_THAT(identifier().Identify(peer),
              StatusIs(Code::kUnauthenticated, "AUTHORIZATION_MALFORMED"));
}

TEST_F(TokenIdentifierTest, NamesNobodyBehindAJobOfAnUnknownAccount) {
  const auto caller = Identify(Token({{"actor_id", "\"78\""}}));
  ASSERT_OK(caller);
  EXPECT_EQ(caller->behind(), "");
}

TEST_F(TokenIdentifierTest, RefusesAnIssuerWhereNobodyHasAWorkload) {
  policy_.mutable_people(0)->clear_workloads();
  const auto caller = Identify(Token());
  EXPECT_THAT(caller, StatusIs(Code::kPermissionDenied, "UNKNOWN_IDENTITY"));
  EXPECT_THAT(caller, MessageHas("people.workloads"));
}

}  // namespace
}  // namespace bootseal::identity
