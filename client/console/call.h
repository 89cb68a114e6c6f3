// The parts of one call to the API, read strictly. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CONSOLE_CALL_H_
#define BOOTSEAL_CLIENT_CONSOLE_CALL_H_

#include <google/protobuf/struct.pb.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::console {

// A JSON object. INVALID_ARGUMENT (JSON_INVALID).
absl::StatusOr<google::protobuf::Struct> ParseBody(const std::string& body);

// A member that is text; empty when it is not there. INVALID_ARGUMENT
// (FIELD_INVALID) for another kind.
absl::StatusOr<std::string> TextField(const google::protobuf::Struct& body,
                                      const std::string& name);
// The same for true or false; false when it is not there.
absl::StatusOr<bool> TruthField(const google::protobuf::Struct& body,
                                const std::string& name);

// Decimal digits; `otherwise` for "". INVALID_ARGUMENT (FIELD_INVALID).
absl::StatusOr<std::uint64_t> ParseWhole(absl::string_view field,
                                         absl::string_view text,
                                         std::uint64_t otherwise);

// 64 hexadecimal digits as 32 bytes. INVALID_ARGUMENT (FIELD_INVALID).
absl::StatusOr<std::string> ParseSubject(absl::string_view text);

// Of HTTP, by the canonical code: 400, 401, 403, 404, 409, 429, 503, or 502 for
// what a console cannot help.
int HttpStatusOf(const absl::Status& status);

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_CALL_H_
