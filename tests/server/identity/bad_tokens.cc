#include "tests/server/identity/bad_tokens.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bootseal::tests {
namespace {

constexpr char kRsa[] = "{\"alg\":\"RS256\",\"kid\":\"rsa-key\"}";

std::string Seconds(std::int64_t from_now) {
  return absl::StrCat(absl::ToUnixSeconds(absl::Now()) + from_now);
}

std::string With(const TokenIssuer& issuer, const JsonMembers& changes) {
  JsonMembers claims = GoodClaims(issuer);
  for (const auto& [name, value] : changes) claims[name] = value;
  return issuer.Sign(claims);
}

std::string Without(const TokenIssuer& issuer, const std::string& claim) {
  JsonMembers claims = GoodClaims(issuer);
  claims.erase(claim);
  return issuer.Sign(claims);
}

std::string Payload(const TokenIssuer& issuer) {
  return JsonObjectOf(GoodClaims(issuer));
}

std::string WithHeader(const TokenIssuer& issuer, const std::string& header) {
  return issuer.SignText(header, Payload(issuer), TokenIssuer::kRsaKey);
}

// Another character in the middle of the part, 0 to 2.
std::string Tampered(const std::string& token, std::size_t part) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < part; ++i) begin = token.find('.', begin) + 1;
  const std::size_t end = std::min(token.find('.', begin), token.size());
  std::string changed = token;
  char& c = changed[begin + (end - begin) / 2];
  c = c == 'A' ? 'B' : 'A';
  return changed;
}

std::vector<BadToken> Unsigned() {
  return {
      {"AlgorithmNone",
       [](auto& issuer) {
         return absl::StrCat(Base64Url("{\"alg\":\"none\"}"), ".",
                             Base64Url(Payload(issuer)), ".");
       },
       "TOKEN_MALFORMED", "three parts"},
      {"AlgorithmNoneWithASignature",
       [](auto& issuer) {
         return WithHeader(issuer, "{\"alg\":\"none\",\"kid\":\"rsa-key\"}");
       },
       "TOKEN_ALGORITHM", "\"none\""},
      {"HmacKeyedWithThePublicKey",
       [](auto& issuer) {
         return TokenIssuer::SignHmac("{\"alg\":\"HS256\",\"kid\":\"rsa-key\"}",
                                      Payload(issuer), issuer.RsaPublicPem());
       },
       "TOKEN_ALGORITHM", "\"HS256\", expected RS256"},
      {"HmacUnderTheNameOfRsa",
       [](auto& issuer) {
         return TokenIssuer::SignHmac(kRsa, Payload(issuer),
                                      issuer.RsaPublicPem());
       },
       "TOKEN_SIGNATURE", "not by the key"},
      {"AlgorithmOfAnotherKind",
       [](auto& issuer) {
         return WithHeader(issuer, "{\"alg\":\"ES256\",\"kid\":\"rsa-key\"}");
       },
       "TOKEN_ALGORITHM", "\"ES256\", expected RS256"},
      {"KeyOfAnotherKind",
       [](auto& issuer) {
         return WithHeader(issuer, "{\"alg\":\"ES256\",\"kid\":\"ec-key\"}");
       },
       "TOKEN_SIGNATURE", "not by the key"},
      {"RsaWithAnotherHash",
       [](auto& issuer) {
         return WithHeader(issuer, "{\"alg\":\"RS512\",\"kid\":\"rsa-key\"}");
       },
       "TOKEN_ALGORITHM", "\"RS512\""},
      {"UnknownKey",
       [](auto& issuer) {
         return WithHeader(issuer, "{\"alg\":\"RS256\",\"kid\":\"new-key\"}");
       },
       "UNKNOWN_TOKEN_KEY", "\"new-key\""},
      {"NoKeyNamedWhereThereAreTwo",
       [](auto& issuer) { return WithHeader(issuer, "{\"alg\":\"RS256\"}"); },
       "UNKNOWN_TOKEN_KEY", "names no key (kid)"},
      {"KeyThatTheTokenBrings",
       [](auto& issuer) {
         const TokenIssuer other(issuer.url());
         const std::string set = other.KeySetOf(TokenIssuer::kRsaKey);
         const std::string key = set.substr(9, set.size() - 11);
         return other.SignText(
             absl::StrCat(
                 "{\"alg\":\"RS256\",\"kid\":\"rsa-key\",\"jwk\":", key, "}"),
             Payload(issuer), TokenIssuer::kRsaKey);
       },
       "TOKEN_SIGNATURE", "not by the key"},
      {"KeyOfAnotherIssuer",
       [](auto& issuer) {
         return TokenIssuer(issuer.url()).Sign(GoodClaims(issuer));
       },
       "TOKEN_SIGNATURE", "not by the key"},
      {"TamperedPayload",
       [](auto& issuer) {
         std::string payload = Payload(issuer);
         const std::string token = issuer.SignText(kRsa, payload, "rsa-key");
         absl::StrReplaceAll({{"\"4711\"", "\"4712\""}}, &payload);
         const std::size_t dot = token.find('.');
         return absl::StrCat(token.substr(0, dot + 1), Base64Url(payload),
                             token.substr(token.rfind('.')));
       },
       "TOKEN_SIGNATURE", "not by the key"},
      {"TamperedSignature",
       [](auto& issuer) {
         return Tampered(issuer.Sign(GoodClaims(issuer)), 2);
       },
       "TOKEN_SIGNATURE", "not by the key"},
      {"TamperedSignatureOfP256",
       [](auto& issuer) {
         return Tampered(issuer.Sign(GoodClaims(issuer), "ec-key"), 2);
       },
       "TOKEN_SIGNATURE", "not by the key"},
      {"HalfASignatureOfP256",
       [](auto& issuer) {
         const std::string token = issuer.Sign(GoodClaims(issuer), "ec-key");
         return token.substr(0, token.size() - 43);
       },
       "TOKEN_SIGNATURE", "not by the key"},
  };
}

std::vector<BadToken> OfOthers() {
  return {
      {"WrongIssuer",
       [](auto& issuer) {
         return With(issuer, {{"iss", "\"https://other.example\""}});
       },
       "UNKNOWN_ISSUER", "iss is \"https://other.example\""},
      {"IssuerWithASlashBehind",
       [](auto& issuer) {
         return With(issuer, {{"iss", JsonText(issuer.url() + "/")}});
       },
       "UNKNOWN_ISSUER", "/\""},
      {"NoIssuer", [](auto& issuer) { return Without(issuer, "iss"); },
       "TOKEN_MALFORMED", "no claim iss"},
      {"WrongAudience",
       [](auto& issuer) {
         return With(issuer, {{"aud", "\"https://other.example\""}});
       },
       "WRONG_AUDIENCE", "aud is \"https://other.example\""},
      {"NoAudience", [](auto& issuer) { return Without(issuer, "aud"); },
       "TOKEN_MALFORMED", "aud is no text"},
      {"AudienceListWithoutOurs",
       [](auto& issuer) {
         return With(issuer, {{"aud", "[\"a\", \"https://other.example\"]"}});
       },
       "WRONG_AUDIENCE", "a list without ours"},
      {"AudienceListWithANumber",
       [](auto& issuer) {
         return With(
             issuer,
             {{"aud",
               absl::StrCat("[1,", JsonText(TokenIssuer::kAudience), "]")}});
       },
       "TOKEN_MALFORMED", "aud is no text"},
  };
}

std::vector<BadToken> AtOtherTimes() {
  return {
      {"Expired",
       [](auto& issuer) {
         return With(issuer, {{"iat", Seconds(-300)},
                              {"nbf", Seconds(-300)},
                              {"exp", Seconds(-70)}});
       },
       "TOKEN_EXPIRED", "(exp)"},
      {"NotYetValid",
       [](auto& issuer) {
         return With(issuer, {{"nbf", Seconds(70)}});
       },
       "TOKEN_NOT_YET_VALID", "(iat, nbf)"},
      {"IssuedInTheFuture",
       [](auto& issuer) {
         return With(issuer, {{"iat", Seconds(70)}, {"nbf", Seconds(0)}});
       },
       "TOKEN_NOT_YET_VALID", "(iat, nbf)"},
      {"IssuedLongAgo",
       [](auto& issuer) {
         return With(issuer, {{"iat", Seconds(-670)},
                              {"nbf", Seconds(-670)},
                              {"exp", Seconds(3600)}});
       },
       "TOKEN_TOO_OLD", "(iat)"},
      {"NoExpiry", [](auto& issuer) { return Without(issuer, "exp"); },
       "TOKEN_MALFORMED", "no claim exp"},
      {"NoTimeOfIssue", [](auto& issuer) { return Without(issuer, "iat"); },
       "TOKEN_MALFORMED", "no claim iat"},
      {"ExpiryAsText",
       [](auto& issuer) {
         return With(issuer, {{"exp", JsonText(Seconds(300))}});
       },
       "TOKEN_MALFORMED", "exp is no time"},
      {"ExpiryBeyondAllTime",
       [](auto& issuer) {
         return With(issuer, {{"exp", "1e300"}});
       },
       "TOKEN_MALFORMED", "exp is no time"},
      {"NotBeforeThatIsNegative",
       [](auto& issuer) {
         return With(issuer, {{"nbf", "-1"}});
       },
       "TOKEN_MALFORMED", "nbf is no time"},
      {"ExpiryBeforeIssue",
       [](auto& issuer) {
         return With(issuer, {{"iat", Seconds(30)}, {"exp", Seconds(20)}});
       },
       "TOKEN_MALFORMED", "exp is not after iat"},
  };
}

std::vector<BadToken> OfOddForm() {
  return {
      {"NoToken", [](auto&) { return "token"; }, "TOKEN_MALFORMED",
       "three parts"},
      {"Nothing", [](auto&) { return ""; }, "TOKEN_MALFORMED", "three parts"},
      {"FiveParts", [](auto&) { return "a.b.c.d.e"; }, "TOKEN_MALFORMED",
       "three parts"},
      // libcjose asserts at such a length: found by fuzzing.
      {"PartsOfALengthThatNoBytesHave", [](auto&) { return "aaaaa.bbbbb.c"; },
       "TOKEN_MALFORMED", "three parts"},
      {"SignatureOfALengthThatNoBytesHave",
       [](auto& issuer) {
         const std::string token = issuer.Sign(GoodClaims(issuer));
         const std::size_t size = token.size() - token.rfind('.') - 1;
         return token + std::string((5 - size % 4) % 4, 'A');
       },
       "TOKEN_MALFORMED", "three parts"},
      {"PaddedBase64",
       [](auto& issuer) { return issuer.Sign(GoodClaims(issuer)) + "="; },
       "TOKEN_MALFORMED", "three parts"},
      {"TooLarge",
       [](auto& issuer) {
         return With(issuer, {{"x", JsonText(std::string(13000, 'x'))}});
       },
       "TOKEN_TOO_LARGE", "expected at most 16384"},
      {"HeaderThatIsNoJson",
       [](auto& issuer) { return WithHeader(issuer, "RS256"); },
       "TOKEN_MALFORMED", "header is no JSON"},
      {"HeaderThatIsAList",
       [](auto& issuer) { return WithHeader(issuer, "[]"); }, "TOKEN_MALFORMED",
       "header is no JSON object"},
      {"HeaderWithAnAlgorithmTwice",
       [](auto& issuer) {
         return WithHeader(
             issuer,
             "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"rsa-key\"}");
       },
       "TOKEN_MALFORMED", "header has a name twice"},
      {"HeaderWithoutAlgorithm",
       [](auto& issuer) { return WithHeader(issuer, "{\"kid\":\"rsa-key\"}"); },
       "TOKEN_MALFORMED", "no \"alg\""},
      {"HeaderWithCriticalExtensions",
       [](auto& issuer) {
         return WithHeader(issuer,
                           "{\"alg\":\"RS256\",\"kid\":\"rsa-key\","
                           "\"crit\":[\"b64\"],\"b64\":false}");
       },
       "TOKEN_MALFORMED", "\"crit\""},
      {"KeyNamedByANumber",
       [](auto& issuer) {
         return WithHeader(issuer, "{\"alg\":\"RS256\",\"kid\":1}");
       },
       "TOKEN_MALFORMED", "\"kid\" that is no text"},
      {"PayloadThatIsNoJson",
       [](auto& issuer) { return issuer.SignText(kRsa, "claims", "rsa-key"); },
       "TOKEN_MALFORMED", "payload is no JSON"},
      {"PayloadWithAClaimTwice",
       [](auto& issuer) {
         std::string payload = Payload(issuer);
         payload.insert(1, "\"repository_id\":\"666\",");
         return issuer.SignText(kRsa, payload, "rsa-key");
       },
       "TOKEN_MALFORMED", "payload has a name twice"},
      {"NoSubject", [](auto& issuer) { return Without(issuer, "sub"); },
       "TOKEN_MALFORMED", "claim sub has 0 bytes"},
      {"SubjectThatIsANumber",
       [](auto& issuer) {
         return With(issuer, {{"sub", "12"}});
       },
       "TOKEN_MALFORMED", "claim sub has 0 bytes"},
      {"SubjectThatIsLong",
       [](auto& issuer) {
         return With(issuer, {{"sub", JsonText(std::string(1025, 's'))}});
       },
       "TOKEN_MALFORMED", "claim sub has 1025 bytes"},
  };
}

}  // namespace

const std::vector<BadToken>& BadTokens() {
  static const auto* tokens = [] {
    auto* all = new std::vector<BadToken>;
    for (const auto& part :
         {Unsigned(), OfOthers(), AtOtherTimes(), OfOddForm()}) {
      all->insert(all->end(), part.begin(), part.end());
    }
    return all;
  }();
  return *tokens;
}

JsonMembers GoodClaims(const TokenIssuer& issuer) {
  return issuer.Claims({{"repository_id", "\"4711\""},
                        {"repository", "\"example/app\""},
                        {"ref", "\"refs/heads/main\""},
                        {"ref_protected", "true"},
                        {"event_name", "\"push\""},
                        {"actor_id", "77"},
                        {"run_id", "\"9001\""}});
}

v1::Workload GoodWorkload(const std::string& issuer) {
  return WorkloadOf(issuer, {{"repository_id", "4711"},
                             {"ref", "refs/heads/main"},
                             {"ref_protected", "true"}});
}

}  // namespace bootseal::tests
