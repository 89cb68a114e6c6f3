// Where a command takes its target's profile from: the server by --target, or a
// file by --profile.
#ifndef BOOTSEAL_CLIENT_CLI_PROFILE_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_PROFILE_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/connection.h"
#include "client/cli/context.h"

namespace bootseal::cli {

// Exactly one is set.
struct ProfileSource {
  std::string target;
  std::string profile;
};

// Offline with a file; what it gives can judge. Ends with kUsage:
// TARGET_MISSING when neither is set, TARGET_AND_PROFILE for both. Else as
// LoadProfile or FetchProfile.
absl::StatusOr<v1::Profile> ReadProfile(Context& context,
                                        const ProfileSource& source);

// Ends with kLocalFile: FILE_*, PROFILE_INVALID (also without a key).
absl::StatusOr<v1::Profile> LoadProfile(const std::string& path);

// A target that we may ask for.
struct ListedTarget {
  v1::Profile profile;  // without public key unless it serves
  absl::Status
      serving;  // FAILED_PRECONDITION (KEY_NOT_SERVING): key and reason
};
absl::StatusOr<std::vector<ListedTarget>> FetchTargets(
    const Connection& connection);

// NOT_FOUND (UNKNOWN_TARGET), naming those that exist; KEY_NOT_SERVING;
// PROFILE_INVALID for what this client cannot judge by.
absl::StatusOr<v1::Profile> FetchProfile(const Connection& connection,
                                         const std::string& target);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PROFILE_SOURCE_H_
