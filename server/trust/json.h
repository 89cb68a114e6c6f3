// JSON from strangers, read strictly: one value, no name twice in an object.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_JSON_H_
#define BOOTSEAL_SERVER_TRUST_JSON_H_

#include <jansson.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::trust {

struct JsonDeleter {
  void operator()(json_t* value) const { json_decref(value); }
};
using JsonPtr = std::unique_ptr<json_t, JsonDeleter>;

// INVALID_ARGUMENT (JSON_INVALID) with what is wrong and where; of the text
// itself nothing is repeated.
absl::StatusOr<JsonPtr> ParseJsonObject(absl::string_view text);

// nullopt when `object` has no string of that name.
std::optional<std::string> JsonString(const json_t* object, const char* name);

// Base64url of one byte or more, without padding (RFC 7515, section 2). The
// library that decodes it ends the process at a length that no bytes have.
bool IsBase64Url(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_JSON_H_
