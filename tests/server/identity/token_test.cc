#include "server/identity/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/server/identity/bad_tokens.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::identity {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::BadToken;
using tests::JsonMembers;
using tests::JsonText;
using tests::MessageHas;
using tests::StatusIs;
using tests::TokenIssuer;

constexpr char kUrl[] = "https://issuer.example";

// Making RSA keys takes its time: one issuer serves all tests.
const TokenIssuer& Issuer() {
  static const auto* issuer = new TokenIssuer(kUrl);
  return *issuer;
}

std::shared_ptr<const trust::Policy> PolicyWith(const v1::Issuer& entry,
                                                const std::string& keys) {
  v1::Policy proto = tests::ExamplePolicy();
  *proto.add_issuers() = entry;
  auto policy = tests::Parsed(proto)->WithIssuerKeys(
      [&keys](const std::string&) { return keys; });
  EXPECT_OK(policy);
  return *policy;
}

std::shared_ptr<const trust::Policy> GoodPolicy() {
  return PolicyWith(Issuer().Entry("ci", "jwks.json"), Issuer().KeySet());
}

absl::StatusOr<Token> Read(const std::string& token,
                           absl::Time now = absl::Now()) {
  static const auto* policy =
      new std::shared_ptr<const trust::Policy>(GoodPolicy());
  return ReadToken(**policy, token, now);
}

class TokenReader : public testing::TestWithParam<BadToken> {};

TEST_P(TokenReader, Refuses) {
  const auto token = Read(GetParam().make(Issuer()));
  EXPECT_THAT(token,
              StatusIs(absl::StatusCode::kUnauthenticated, GetParam().reason));
  EXPECT_THAT(token, MessageHas(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(Tokens, TokenReader,
                         testing::ValuesIn(tests::BadTokens()),
                         [](const auto& test) {
                           return std::string(test.param.name);
                         });

TEST(Token, IsReadWithBothAlgorithms) {
  for (const char* key : {TokenIssuer::kRsaKey, TokenIssuer::kEcKey}) {
    const auto token = Read(Issuer().Sign(GoodClaims(Issuer()), key));
    ASSERT_OK(token);
    EXPECT_EQ(token->issuer->name(), "ci");
    EXPECT_EQ(token->subject, "repo:example/app:ref:refs/heads/main");
    EXPECT_EQ(token->claims.at("repository_id"), "4711");
  }
}

TEST(Token, HasBooleansAndWholeNumbersAsTheirTextAndNothingElse) {
  JsonMembers claims = GoodClaims(Issuer());
  claims["real"] = "1.5";
  claims["list"] = "[\"a\"]";
  claims["object"] = "{\"a\":\"b\"}";
  claims["nothing"] = "null";
  claims["big"] = "9223372036854775807";
  claims["no"] = "false";
  const auto token = Read(Issuer().Sign(claims));
  ASSERT_OK(token);
  EXPECT_EQ(token->claims.at("ref_protected"), "true");
  EXPECT_EQ(token->claims.at("no"), "false");
  EXPECT_EQ(token->claims.at("actor_id"), "77");
  EXPECT_EQ(token->claims.at("big"), "9223372036854775807");
  for (const char* name : {"real", "list", "object", "nothing"}) {
    EXPECT_EQ(token->claims.count(name), 0U) << name;
  }
}

TEST(Token, MayNameSeveralAudiences) {
  JsonMembers claims = GoodClaims(Issuer());
  claims["aud"] =
      absl::StrCat("[\"other\",", JsonText(TokenIssuer::kAudience), "]");
  EXPECT_OK(Read(Issuer().Sign(claims)));
}

TEST(Token, IsValidWithinAMinuteOfItsTimesAndNoLonger) {
  const absl::Time issued = absl::FromUnixSeconds(1'800'000'000);
  JsonMembers claims = GoodClaims(Issuer());
  claims["iat"] = claims["nbf"] = "1800000000";
  claims["exp"] = "1800000300";
  const std::string text = Issuer().Sign(claims);
  const auto at = [&](int seconds) {
    return Read(text, issued + absl::Seconds(seconds));
  };
  EXPECT_OK(at(-60));
  EXPECT_OK(at(360));
  EXPECT_FALSE(at(-61).ok());
  EXPECT_FALSE(at(361).ok());
  EXPECT_EQ(at(0)->validity.not_after, issued + absl::Seconds(360));
  EXPECT_EQ(at(0)->validity.not_before, issued - absl::Seconds(60));
}

TEST(Token, IsBelievedForTheIssuersMaxAgeWhateverItsExpiry) {
  v1::Issuer entry = Issuer().Entry("ci", "jwks.json");
  entry.set_max_age_seconds(100);
  const auto policy = PolicyWith(entry, Issuer().KeySet());
  const absl::Time issued = absl::FromUnixSeconds(1'800'000'000);
  JsonMembers claims = GoodClaims(Issuer());
  claims["iat"] = claims["nbf"] = "1800000000";
  claims["exp"] = "1800086400";
  const std::string text = Issuer().Sign(claims);
  const auto token = ReadToken(*policy, text, issued + absl::Seconds(160));
  ASSERT_OK(token);
  EXPECT_EQ(token->validity.not_after, issued + absl::Seconds(160));
  EXPECT_THAT(ReadToken(*policy, text, issued + absl::Seconds(161)),
              StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_TOO_OLD"));
}

TEST(Token, NeedNameNoKeyWhereThereIsOne) {
  const std::string keys = Issuer().KeySetOf(TokenIssuer::kRsaKey);
  v1::Issuer entry = Issuer().Entry("ci", "jwks.json");
  // The hash of the smaller set.
  entry.set_jwks_sha256(tests::Sha256Hex(keys));
  const auto policy = PolicyWith(entry, keys);
  const std::string text = Issuer().SignText(
      "{\"alg\":\"RS256\"}", tests::JsonObjectOf(GoodClaims(Issuer())),
      TokenIssuer::kRsaKey);
  EXPECT_OK(ReadToken(*policy, text, absl::Now()));
}

TEST(Token, OfAnAlgorithmThatTheIssuerDoesNotListIsRefused) {
  v1::Issuer entry = Issuer().Entry("ci", "jwks.json");
  entry.clear_algorithms();
  entry.add_algorithms(v1::ES256);
  const auto policy = PolicyWith(entry, Issuer().KeySet());
  EXPECT_THAT(
      ReadToken(*policy, Issuer().Sign(GoodClaims(Issuer())), absl::Now()),
      StatusIs(absl::StatusCode::kUnauthenticated, "TOKEN_ALGORITHM"));
  EXPECT_OK(ReadToken(*policy,
                      Issuer().Sign(GoodClaims(Issuer()), TokenIssuer::kEcKey),
                      absl::Now()));
}

TEST(Token, IsNeverRepeatedInARefusal) {
  for (const BadToken& bad : tests::BadTokens()) {
    const std::string text = bad.make(Issuer());
    if (text.size() < 64) continue;
    const auto token = Read(text);
    const std::string message(token.status().message());
    EXPECT_THAT(message, Not(HasSubstr(text.substr(0, 24)))) << bad.name;
    EXPECT_THAT(message, Not(HasSubstr(text.substr(text.size() - 24))))
        << bad.name;
  }
}

}  // namespace
}  // namespace bootseal::identity
