// Whose key a reply is held against. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_BELIEVED_PROFILE_H_
#define BOOTSEAL_CLIENT_CLI_BELIEVED_PROFILE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::cli {

// The profile in the file, which has to be of `target`; nullopt without a path.
// As LoadProfile; FAILED_PRECONDITION (PROFILE_MISMATCH).
absl::StatusOr<std::optional<v1::Profile>> PinnedProfile(
    const std::string& path, const std::string& target);

// The profile that we kept, if any, and otherwise the reply's.
// FAILED_PRECONDITION: REPLY_MISMATCH for another target than `target`,
// PROFILE_MISMATCH when the key that we kept is another.
absl::StatusOr<v1::Profile> BelievedProfile(
    const std::string& target, const std::optional<v1::Profile>& pinned,
    const v1::SignReply& reply);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_BELIEVED_PROFILE_H_
