#include "client/token/text.h"

#include <jansson.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace bootseal::token {
namespace {

constexpr absl::Duration kClockSkew = absl::Seconds(60);
constexpr double kLastSecond = 9e9;

struct JsonDeleter {
  void operator()(json_t* value) const { json_decref(value); }
};

bool IsBase64Url(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '_';
  });
}

std::optional<absl::Time> ExpiryOf(absl::string_view payload) {
  std::string json;
  if (!absl::WebSafeBase64Unescape(payload, &json)) return std::nullopt;
  const std::unique_ptr<json_t, JsonDeleter> claims(
      json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES, nullptr));
  const json_t* expiry = json_object_get(claims.get(), "exp");
  const double seconds = json_number_value(expiry);
  if (!json_is_number(expiry) || seconds < 0 || seconds > kLastSecond) {
    return std::nullopt;
  }
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

}  // namespace

absl::StatusOr<Token> ParseToken(std::string text, absl::string_view place) {
  base::Secret whole(std::move(text));
  const absl::string_view trimmed = absl::StripAsciiWhitespace(whole.Reveal());
  const std::vector<absl::string_view> parts = absl::StrSplit(trimmed, '.');
  if (trimmed.size() > kMaxTokenBytes) {
    return base::Fail(
        absl::StatusCode::kInvalidArgument, "TOKEN_INVALID",
        absl::StrCat(place, " has ", trimmed.size(),
                     " bytes, expected a token of at most ", kMaxTokenBytes));
  }
  if (parts.size() == 3 &&
      std::all_of(parts.begin(), parts.end(), IsBase64Url)) {
    return Token{base::Secret(std::string(trimmed)), ExpiryOf(parts[1])};
  }
  return base::Fail(
      absl::StatusCode::kInvalidArgument, "TOKEN_INVALID",
      absl::StrCat(place, trimmed.empty() ? " is empty" : " holds no ID token",
                   ", expected a JWT: three parts of base64url with dots "
                   "between"));
}

absl::Status CheckExpiry(const Token& token, absl::string_view place,
                         absl::Time now) {
  if (!token.expires || now <= *token.expires + kClockSkew) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "TOKEN_EXPIRED",
      absl::StrCat("the token of ", place, " expired at ",
                   absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *token.expires,
                                    absl::UTCTimeZone()),
                   "; get a new one"));
}

}  // namespace bootseal::token
