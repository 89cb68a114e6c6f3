// How whoever has the payload computes what the key would sign. Thread-safe:
// free functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_RECOMPUTE_H_
#define BOOTSEAL_CLIENT_APPROVAL_RECOMPUTE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/approval/pending.h"

namespace bootseal::approval {

// Commands for a POSIX shell with coreutils that print the digest of a signing
// request; "payload.bin" stands for the file.
std::string RecomputeCommands(const Pending& pending);

// OK when `payload` is the one that was sent, and the digest is over it. Of a
// payload that was sent compressed, `payload` is what was compressed, and the
// digest alone is judged. FAILED_PRECONDITION (PAYLOAD_MISMATCH).
absl::Status CheckPayload(const Pending& pending, absl::string_view payload);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_RECOMPUTE_H_
