#include "firmware/image/host/json.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::image::host {

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

std::optional<std::uint64_t> JsonNumber(const json_t* object,
                                        const char* name) {
  const json_t* value = json_object_get(object, name);
  if (!json_is_integer(value) || json_integer_value(value) < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(json_integer_value(value));
}

std::string CanonicalJson(const json_t* value) {
  const std::unique_ptr<char, decltype(&std::free)> text(
      json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS), &std::free);
  return text ? text.get() : "";
}

}  // namespace bootseal::image::host
