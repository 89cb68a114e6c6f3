// A release that waits, or the verdict on one, in words and as JSON.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_RELEASE_WORDS_H_
#define BOOTSEAL_CLIENT_APPROVAL_RELEASE_WORDS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/approval/pending.h"
#include "client/cli/json.h"

namespace bootseal::approval {

// All of these are for a pending release, unless they say otherwise.

// What the manifest says, beside what every request has.
std::vector<std::vector<std::string>> ReleaseRows(const Pending& pending);
cli::Json ReleaseJson(const Pending& pending);

// Commands for a POSIX shell with coreutils that print the digest that gets
// signed; the lines in front say which file has to have which SHA-256.
std::string RecomputeReleaseCommands(const Pending& pending);

// The same for a pending verdict; what is to be compared is the release's
// manifest.json.
std::string RecomputeVerdictCommands(const Pending& pending);

// Commands that print the digest of its own message.
std::string HashMessageCommands(const v1::SignedDigest& digest);

// Of a release or a package: OK when `content` is the image of that name.
// FAILED_PRECONDITION (COMPONENT_MISMATCH).
absl::Status CheckComponent(const Pending& pending, absl::string_view name,
                            absl::string_view content);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_RELEASE_WORDS_H_
