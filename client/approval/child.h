// A program that is given bytes and gives some back.
#ifndef BOOTSEAL_CLIENT_APPROVAL_CHILD_H_
#define BOOTSEAL_CLIENT_APPROVAL_CHILD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::approval {

// Runs `arguments` (the first is searched in PATH) with `input` as its standard
// input, and waits for its end, however long somebody takes to touch a key.
// Standard error and the terminal are ours. At most 64 KiB come back.
// FAILED_PRECONDITION: PROGRAM_MISSING, PROGRAM_FAILED. Thread-safe.
absl::StatusOr<std::string> RunChild(const std::vector<std::string>& arguments,
                                     absl::string_view input);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_CHILD_H_
