// JSON from strangers, read strictly: one value, no name twice in an object.
// Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_JSON_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_JSON_H_

#include <jansson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::image::host {

struct JsonDeleter {
  void operator()(json_t* value) const { json_decref(value); }
};
using JsonPtr = std::unique_ptr<json_t, JsonDeleter>;

// INVALID_ARGUMENT (JSON_INVALID) with what is wrong and where; of the text
// itself nothing is repeated.
absl::StatusOr<JsonPtr> ParseJsonObject(absl::string_view text);

// nullopt when `object` has no string, or no number of 0 or more, of that name.
std::optional<std::string> JsonString(const json_t* object, const char* name);
std::optional<std::uint64_t> JsonNumber(const json_t* object, const char* name);

// One line without white space, members sorted: one value has one text. Empty
// when a string is not UTF-8.
std::string CanonicalJson(const json_t* value);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_JSON_H_
