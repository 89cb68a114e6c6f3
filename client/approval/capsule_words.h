// A capsule that waits, in words and as JSON. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_CAPSULE_WORDS_H_
#define BOOTSEAL_CLIENT_APPROVAL_CAPSULE_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/approval/pending.h"
#include "client/cli/json.h"

namespace bootseal::approval {

// All of these are for a pending capsule.

// What gets signed, beside what every request has.
std::vector<std::vector<std::string>> CapsuleRows(const Pending& pending);
cli::Json CapsuleJson(const Pending& pending);

// Commands for a POSIX shell with coreutils. The first prints the SHA-256 of
// what is signed with "payload.bin" for the firmware, which has to be the one
// that its comment says; the second the digest that gets signed.
std::string RecomputeCapsuleCommands(const Pending& pending);

// OK when `firmware` is the one that was sent, and the digest is over it.
// FAILED_PRECONDITION (PAYLOAD_MISMATCH).
absl::Status CheckFirmware(const Pending& pending, absl::string_view firmware);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_CAPSULE_WORDS_H_
