#include "server/identity/token.h"

#include <cjose/cjose.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/openssl.h"
#include "base/status.h"
#include "server/trust/json.h"

namespace bootseal::identity {
namespace {

constexpr std::size_t kMaxSubjectBytes = 1024;
constexpr std::uint32_t kDefaultMaxAgeSeconds = 600;
// The year 2255: below what a double holds exactly.
constexpr double kLastSecond = 9e9;
// 64 bytes of R and S (RFC 7518, section 3.4) in base64url.
constexpr std::size_t kEs256Characters = 86;

struct JwsDeleter {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using JwsPtr = std::unique_ptr<cjose_jws_t, JwsDeleter>;

absl::Status Unauthenticated(absl::string_view reason,
                             absl::string_view message) {
  base::DrainOpenSslErrors();
  return base::Fail(absl::StatusCode::kUnauthenticated, reason, message);
}

absl::Status Malformed(absl::string_view what) {
  return Unauthenticated("TOKEN_MALFORMED", absl::StrCat("token ", what));
}

absl::StatusOr<std::array<absl::string_view, 3>> Split(absl::string_view text) {
  if (text.size() > kMaxTokenBytes) {
    return Unauthenticated(
        "TOKEN_TOO_LARGE",
        absl::StrCat("token has ", text.size(), " bytes, expected at most ",
                     kMaxTokenBytes));
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() != 3 ||
      !std::all_of(parts.begin(), parts.end(), trust::IsBase64Url)) {
    return Malformed("is not three parts of base64url with dots between");
  }
  return std::array<absl::string_view, 3>{parts[0], parts[1], parts[2]};
}

absl::StatusOr<trust::JsonPtr> Decode(absl::string_view part,
                                      absl::string_view name) {
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  cjose_err error{};
  if (!cjose_base64url_decode(part.data(), part.size(), &bytes, &size,
                              &error)) {
    return Malformed(absl::StrCat(name, " is no base64url"));
  }
  auto object = trust::ParseJsonObject(
      absl::string_view(reinterpret_cast<const char*>(bytes), size));
  std::free(bytes);
  if (object.ok()) return object;
  return Malformed(absl::StrCat(name, " ", object.status().message()));
}

struct Header {
  std::string algorithm;
  std::optional<std::string> key_id;
};

absl::StatusOr<Header> ReadHeader(absl::string_view part) {
  ASSIGN_OR_RETURN(const trust::JsonPtr json, Decode(part, "header"));
  // RFC 7515, section 4.1.11: extensions that must be understood; we know none.
  if (json_object_get(json.get(), "crit") != nullptr) {
    return Malformed("header has \"crit\"");
  }
  const auto algorithm = trust::JsonString(json.get(), "alg");
  if (!algorithm) return Malformed("header has no \"alg\"");
  const bool odd_id = json_object_get(json.get(), "kid") != nullptr &&
                      !trust::JsonString(json.get(), "kid");
  if (odd_id) return Malformed("header has a \"kid\" that is no text");
  return Header{*algorithm, trust::JsonString(json.get(), "kid")};
}

// RFC 7519, section 2: NumericDate.
absl::StatusOr<std::optional<absl::Time>> ReadTime(const json_t* claims,
                                                   const char* name) {
  const json_t* value = json_object_get(claims, name);
  if (value == nullptr) return std::nullopt;
  const double seconds = json_number_value(value);
  if (!json_is_number(value) || !std::isfinite(seconds) || seconds < 0 ||
      seconds > kLastSecond) {
    return Malformed(absl::StrCat("claim ", name, " is no time in seconds"));
  }
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

absl::StatusOr<absl::Time> RequireTime(const json_t* claims, const char* name) {
  ASSIGN_OR_RETURN(const std::optional<absl::Time> time,
                   ReadTime(claims, name));
  if (time) return *time;
  return Malformed(absl::StrCat("has no claim ", name));
}

trust::Claims ReadClaims(json_t* json) {
  trust::Claims claims;
  const char* name = nullptr;
  json_t* value = nullptr;
  json_object_foreach(json, name, value) {
    if (json_is_string(value)) {
      claims.emplace(name, std::string(json_string_value(value),
                                       json_string_length(value)));
    } else if (json_is_boolean(value)) {
      claims.emplace(name, json_is_true(value) ? "true" : "false");
    } else if (json_is_integer(value)) {
      claims.emplace(name, absl::StrCat(json_integer_value(value)));
    }
  }
  return claims;
}

absl::StatusOr<const v1::Issuer*> FindIssuer(const trust::Policy& policy,
                                             const json_t* claims) {
  const auto url = trust::JsonString(claims, "iss");
  if (!url) return Malformed("has no claim iss");
  const v1::Issuer* issuer = policy.FindIssuerByUrl(*url);
  if (issuer != nullptr) return issuer;
  return Unauthenticated(
      "UNKNOWN_ISSUER",
      absl::StrCat("the token's claim iss is ", trust::Quoted(*url),
                   ", and the policy has no issuer with that url"));
}

absl::Status CheckAlgorithm(const v1::Issuer& issuer, const Header& header,
                            const trust::TokenKey& key) {
  for (const int listed : issuer.algorithms()) {
    const auto algorithm = static_cast<v1::TokenAlgorithm>(listed);
    if (algorithm == key.algorithm &&
        v1::TokenAlgorithm_Name(algorithm) == header.algorithm) {
      return absl::OkStatus();
    }
  }
  return Unauthenticated(
      "TOKEN_ALGORITHM",
      absl::StrCat("token is signed with ", trust::Quoted(header.algorithm),
                   ", expected ", v1::TokenAlgorithm_Name(key.algorithm),
                   ", that of the key it names, and one that issuer ",
                   issuer.name(), " lists"));
}

absl::StatusOr<const trust::TokenKey*> FindKey(const trust::KeySet& keys,
                                               const v1::Issuer& issuer,
                                               const Header& header) {
  if (!header.key_id && keys.keys().size() == 1) return &keys.keys().front();
  if (!header.key_id) {
    return Unauthenticated(
        "UNKNOWN_TOKEN_KEY",
        absl::StrCat("token names no key (kid), and issuer ", issuer.name(),
                     " has ", keys.keys().size()));
  }
  const trust::TokenKey* key = keys.Find(*header.key_id);
  if (key != nullptr && !header.key_id->empty()) return key;
  return Unauthenticated(
      "UNKNOWN_TOKEN_KEY",
      absl::StrCat("token is signed with the key ",
                   trust::Quoted(*header.key_id), ", which the pinned ",
                   issuer.jwks_path(), " of issuer ", issuer.name(),
                   " does not have; pin the issuer's new file"));
}

absl::Status CheckSignature(const v1::Issuer& issuer, const trust::KeySet* keys,
                            const Header& header, absl::string_view text,
                            absl::string_view signature) {
  if (keys == nullptr) return base::Internal("keys of the issuer not read");
  ASSIGN_OR_RETURN(const trust::TokenKey* key, FindKey(*keys, issuer, header));
  RETURN_IF_ERROR(CheckAlgorithm(issuer, header, *key));
  if (key->algorithm != v1::ES256 || signature.size() == kEs256Characters) {
    cjose_err error{};
    const JwsPtr jws(cjose_jws_import(text.data(), text.size(), &error));
    const bool good =
        jws && cjose_jws_verify(jws.get(), key->key.get(), &error);
    base::DrainOpenSslErrors();
    if (good) return absl::OkStatus();
  }
  return Unauthenticated(
      "TOKEN_SIGNATURE",
      absl::StrCat("token's signature is not by the key that it names, of "
                   "issuer ",
                   issuer.name()));
}

absl::Status CheckAudience(const v1::Issuer& issuer, const json_t* claims) {
  const json_t* audience = json_object_get(claims, "aud");
  if (trust::JsonString(claims, "aud") == issuer.audience()) {
    return absl::OkStatus();
  }
  bool odd = !json_is_string(audience) && !json_is_array(audience);
  bool found = false;
  for (std::size_t i = 0; i < json_array_size(audience); ++i) {
    const json_t* each = json_array_get(audience, i);
    odd = odd || !json_is_string(each);
    found = found || (json_is_string(each) &&
                      json_string_value(each) == issuer.audience());
  }
  if (odd) return Malformed("claim aud is no text and no list of texts");
  if (found) return absl::OkStatus();
  return Unauthenticated(
      "WRONG_AUDIENCE",
      absl::StrCat(
          "the token's claim aud is ",
          trust::Quoted(
              trust::JsonString(claims, "aud").value_or("a list without ours")),
          ", expected ", issuer.audience(),
          "; ask the issuer for a token with that audience"));
}

std::string Date(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

absl::Status CheckOrder(absl::Time issued, absl::Time expires,
                        std::optional<absl::Time> not_before) {
  if (expires <= issued) return Malformed("claim exp is not after iat");
  if (not_before && expires <= *not_before) {
    return Malformed("claim exp is not after nbf");
  }
  return absl::OkStatus();
}

absl::StatusOr<Validity> CheckTimes(const v1::Issuer& issuer,
                                    const json_t* claims, absl::Time now) {
  ASSIGN_OR_RETURN(const absl::Time expires, RequireTime(claims, "exp"));
  ASSIGN_OR_RETURN(const absl::Time issued, RequireTime(claims, "iat"));
  ASSIGN_OR_RETURN(const std::optional<absl::Time> not_before,
                   ReadTime(claims, "nbf"));
  RETURN_IF_ERROR(CheckOrder(issued, expires, not_before));
  const std::uint32_t configured = issuer.max_age_seconds();
  const absl::Time too_old =
      issued +
      absl::Seconds(configured == 0 ? kDefaultMaxAgeSeconds : configured);
  const absl::Time begin = std::max(issued, not_before.value_or(issued));
  if (now > expires + kClockSkew) {
    return Unauthenticated("TOKEN_EXPIRED",
                           absl::StrCat("token expired at ", Date(expires),
                                        " (exp); get a new one"));
  }
  if (now > too_old + kClockSkew) {
    return Unauthenticated(
        "TOKEN_TOO_OLD",
        absl::StrCat("token was issued at ", Date(issued), " (iat), issuer ",
                     issuer.name(), " is believed until ", Date(too_old),
                     "; get a new one"));
  }
  if (now < begin - kClockSkew) {
    return Unauthenticated(
        "TOKEN_NOT_YET_VALID",
        absl::StrCat("token is valid from ", Date(begin),
                     " (iat, nbf) on; the server's time is ", Date(now)));
  }
  return Validity{begin - kClockSkew, std::min(expires, too_old) + kClockSkew};
}

}  // namespace

absl::StatusOr<Token> ReadToken(const trust::Policy& policy,
                                absl::string_view text, absl::Time now) {
  ASSIGN_OR_RETURN(const auto parts, Split(text));
  ASSIGN_OR_RETURN(const Header header, ReadHeader(parts[0]));
  ASSIGN_OR_RETURN(const trust::JsonPtr json, Decode(parts[1], "payload"));
  Token token;
  // Nothing of the payload is believed but who says to have signed it, until
  // that has been checked.
  ASSIGN_OR_RETURN(token.issuer, FindIssuer(policy, json.get()));
  RETURN_IF_ERROR(CheckSignature(*token.issuer,
                                 policy.KeysOf(token.issuer->name()), header,
                                 text, parts[2]));
  RETURN_IF_ERROR(CheckAudience(*token.issuer, json.get()));
  ASSIGN_OR_RETURN(token.validity, CheckTimes(*token.issuer, json.get(), now));
  token.claims = ReadClaims(json.get());
  token.subject = trust::JsonString(json.get(), "sub").value_or("");
  if (!token.subject.empty() && token.subject.size() <= kMaxSubjectBytes) {
    return token;
  }
  return Malformed(absl::StrCat("claim sub has ", token.subject.size(),
                                " bytes, expected 1 to ", kMaxSubjectBytes));
}

}  // namespace bootseal::identity
