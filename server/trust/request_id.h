// The id that a client gives its request. Of server and client alike.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_REQUEST_ID_H_
#define BOOTSEAL_SERVER_TRUST_REQUEST_ID_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace bootseal::trust {

inline constexpr std::size_t kMaxRequestIdBytes = 64;

// Of a call's metadata, where a client may say the id of its request once more:
// a call that is refused before its message was read is known by it in the
// server's own log, and nowhere else.
inline constexpr char kRequestIdMetadata[] = "bootseal-request-id";

// 1 to kMaxRequestIdBytes of ASCII letters, digits and . _ -
bool IsRequestId(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_REQUEST_ID_H_
