// Where a command takes its target's profile from: the server by --target, or a
// file by --profile.
#ifndef BOOTSEAL_CLIENT_CLI_PROFILE_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_PROFILE_SOURCE_H_

#include <string>
#include <vector>

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

// Offline with a file. Ends with kUsage (TARGET_MISSING) unless exactly one is
// set, with kLocalFile for a file that is no profile.
absl::StatusOr<v1::Profile> ReadProfile(Context& context,
                                        const ProfileSource& source);

// Ends with kLocalFile: FILE_*, PROFILE_INVALID.
absl::StatusOr<v1::Profile> LoadProfile(const std::string& path);

// Targets that we may ask for, with their keys.
absl::StatusOr<std::vector<v1::Profile>> FetchProfiles(
    const Connection& connection);

// NOT_FOUND (UNKNOWN_TARGET), naming those that exist.
absl::StatusOr<v1::Profile> FetchProfile(const Connection& connection,
                                         const std::string& target);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PROFILE_SOURCE_H_
