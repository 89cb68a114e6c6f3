#include "server/trust/json.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::trust {

absl::StatusOr<JsonPtr> ParseJsonObject(absl::string_view text) {
  json_error_t error{};
  JsonPtr value(
      json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  if (!value) {
    const bool twice = json_error_code(&error) == json_error_duplicate_key;
    return base::Fail(
        absl::StatusCode::kInvalidArgument, "JSON_INVALID",
        absl::StrCat(twice ? "has a name twice in one object" : "is no JSON",
                     ", line ", error.line, ":", error.column));
  }
  if (json_is_object(value.get())) return value;
  return base::Fail(absl::StatusCode::kInvalidArgument, "JSON_INVALID",
                    "is no JSON object");
}

std::optional<std::string> JsonString(const json_t* object, const char* name) {
  const json_t* value = json_object_get(object, name);
  if (!json_is_string(value)) return std::nullopt;
  return std::string(json_string_value(value), json_string_length(value));
}

bool IsBase64Url(absl::string_view text) {
  if (text.empty() || text.size() % 4 == 1) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '_';
  });
}

}  // namespace bootseal::trust
