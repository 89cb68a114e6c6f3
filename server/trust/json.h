// JSON from strangers, as firmware/image/host reads it, and what tokens add.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_JSON_H_
#define BOOTSEAL_SERVER_TRUST_JSON_H_

#include "absl/strings/string_view.h"
#include "firmware/image/host/json.h"

namespace bootseal::trust {

using image::host::JsonPtr;
using image::host::JsonString;
using image::host::ParseJsonObject;

// Base64url of one byte or more, without padding (RFC 7515, section 2). The
// library that decodes it ends the process at a length that no bytes have.
bool IsBase64Url(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_JSON_H_
