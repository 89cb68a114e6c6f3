// A package or a first stage that waits, in words and as JSON. Thread-safe:
// free functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_PACKAGE_WORDS_H_
#define BOOTSEAL_CLIENT_APPROVAL_PACKAGE_WORDS_H_

#include <string>
#include <vector>

#include "client/approval/pending.h"
#include "client/cli/json.h"

namespace bootseal::approval {

// Of a pending package: images, times, and each certificate with its digest and
// the key that signs it.
std::vector<std::vector<std::string>> PackageRows(const Pending& pending);
cli::Json PackageJson(const Pending& pending);

// Commands for a POSIX shell with coreutils that print the digests that get
// signed, in the order of the certificates; the lines in front say which file
// has to have which SHA-256.
std::string RecomputePackageCommands(const Pending& pending);

// Of a pending first stage: what its header says.
std::vector<std::vector<std::string>> FirstStageRows(const Pending& pending);
cli::Json FirstStageJson(const Pending& pending);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_PACKAGE_WORDS_H_
