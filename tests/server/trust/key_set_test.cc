#include "server/trust/key_set.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/trust/policy.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_issuer.h"

namespace bootseal::trust {
namespace {

using tests::MessageHas;
using tests::StatusIs;
using tests::TokenIssuer;
using Code = absl::StatusCode;

const TokenIssuer& Issuer() {
  static const auto* issuer = new TokenIssuer("https://issuer.example");
  return *issuer;
}

std::string RsaSet() { return Issuer().KeySetOf(TokenIssuer::kRsaKey); }

std::string Changed(const std::string& from, const std::string& to) {
  const std::string set = RsaSet();
  const std::string changed = absl::StrReplaceAll(set, {{from, to}});
  EXPECT_NE(changed, set);
  return changed;
}

void ExpectRefused(const std::string& json, const std::string& message) {
  const auto set = KeySet::Parse(json);
  EXPECT_THAT(set.status(),
              StatusIs(Code::kInvalidArgument, "KEY_SET_INVALID"));
  EXPECT_THAT(set.status(), MessageHas(message));
}

TEST(KeySet, HasKeysByTheirIdWithTheAlgorithmOfTheirKind) {
  const auto set = KeySet::Parse(Issuer().KeySet());
  ASSERT_OK(set);
  EXPECT_EQ(set->Find(TokenIssuer::kRsaKey)->algorithm, v1::RS256);
  EXPECT_EQ(set->Find(TokenIssuer::kEcKey)->algorithm, v1::ES256);
  EXPECT_EQ(set->Find("other"), nullptr);
}

TEST(KeySet, PassesOverKeysOfOtherKindsAlgorithmsAndUses) {
  std::string set = Issuer().KeySet();
  const std::string others =
      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"},"
      "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"},"
      "{\"kty\":\"RSA\",\"alg\":\"PS256\"},{\"kty\":\"RSA\",\"use\":\"enc\"},";
  set.insert(set.find('[') + 1, others);
  const auto keys = KeySet::Parse(set);
  ASSERT_OK(keys);
  EXPECT_EQ(keys->keys().size(), 2U);
}

TEST(KeySet, IsNoOtherText) {
  ExpectRefused("", "no JSON");
  ExpectRefused("[]", "no JSON object");
  ExpectRefused("{}", "no array \"keys\"");
  ExpectRefused("{\"keys\":{}}", "no array \"keys\"");
  ExpectRefused("{\"keys\":[]}", "no key for RS256 or ES256");
  ExpectRefused("{\"keys\":[1]}", "keys[0] is no JSON object");
  ExpectRefused("{\"keys\":[],\"keys\":[]}", "a name twice");
  ExpectRefused(std::string(70000, ' '), "70000 bytes");
}

TEST(KeySet, HoldsNoSecret) {
  ExpectRefused(Changed("\"e\":", "\"d\":\"AA\",\"e\":"),
                "private or symmetric");
  ExpectRefused("{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}",
                "private or symmetric");
}

TEST(KeySet, HasNoKeyThatDoesNotParse) {
  ExpectRefused(Changed("\"n\":\"", "\"n\":\"!"), "keys[0] is no key");
  ExpectRefused(Changed("\"n\":", "\"m\":"), "keys[0] is no key");
}

// libcjose asserts at such a length.
TEST(KeySet, HasNoNumberOfALengthThatNoBytesHave) {
  ExpectRefused(Changed("\"e\":\"AQAB\"", "\"e\":\"AQABA\""),
                "keys[0] is no key");
  ExpectRefused(Changed("\"e\":\"AQAB\"", "\"e\":\"\""), "keys[0] is no key");
  ExpectRefused(Changed("\"e\":\"AQAB\"", "\"e\":1"), "keys[0] is no key");
}

TEST(KeySet, HasNoPointBesideItsCurve) {
  std::string set = Issuer().KeySetOf(TokenIssuer::kEcKey);
  const std::size_t x = set.find("\"x\":\"") + 5;
  set[x] = set[x] == 'A' ? 'B' : 'A';
  ExpectRefused(set, "keys[0] is no key");
}

TEST(KeySet, HasNoShortKey) {
  const std::string set = RsaSet();
  const std::size_t begin = set.find("\"n\":\"") + 5;
  const std::size_t end = set.find('"', begin);
  const std::string half =
      set.substr(0, begin + (end - begin) / 2) + set.substr(end);
  ExpectRefused(half, "expected 2048 to 8192");
}

TEST(KeySet, HasNoTwoKeysOfOneId) {
  const std::string set = RsaSet();
  ExpectRefused(absl::StrCat(set.substr(0, set.size() - 2), ",",
                             set.substr(set.find('[') + 1)),
                "keys[1] has the \"kid\" of another");
}

class PolicyKeys : public testing::Test {
 protected:
  PolicyKeys() : proto_(tests::ExamplePolicy()) {
    *proto_.add_issuers() = Issuer().Entry("jobs", "jobs.jwks");
  }
  absl::Status Load(const absl::StatusOr<std::string>& file) {
    return tests::Parsed(proto_)
        ->WithIssuerKeys([&file](const std::string&)
                             -> absl::StatusOr<std::optional<std::string>> {
          if (!file.ok()) return file.status();
          return *file;
        })
        .status();
  }

  v1::Policy proto_;
};

TEST_F(PolicyKeys, AreThoseOfThePinnedFile) {
  EXPECT_OK(Load(Issuer().KeySet()));
  proto_.mutable_issuers(0)->set_jwks_sha256(std::string(64, 'f'));
  const absl::Status other = Load(Issuer().KeySet());
  EXPECT_THAT(other, StatusIs(Code::kInvalidArgument, "POLICY_INVALID"));
  EXPECT_THAT(other,
              MessageHas("issuers[0].jwks_sha256: jobs.jwks has sha256"));
}

TEST_F(PolicyKeys, AreMissedWithEveryProblem) {
  *proto_.add_issuers() = Issuer().Entry("more", "more.jwks");
  proto_.mutable_issuers(1)->set_url("https://more.example");
  const absl::Status status = Load(absl::NotFoundError("no such file"));
  EXPECT_THAT(status, MessageHas("policy has 2 problems"));
  EXPECT_THAT(status, MessageHas("issuers[0].jwks_path: no such file"));
  EXPECT_THAT(status, MessageHas("issuers[1].jwks_path: no such file"));
}

TEST_F(PolicyKeys, OfAPinnedFileThatIsNoneAreRefused) {
  proto_.mutable_issuers(0)->set_jwks_sha256(tests::Sha256Hex("{}"));
  EXPECT_THAT(Load(std::string("{}")),
              MessageHas("issuers[0].jwks_path: jobs.jwks: is no JWK set"));
}

}  // namespace
}  // namespace bootseal::trust
