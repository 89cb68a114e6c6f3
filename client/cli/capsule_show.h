// `bootseal capsule show` and `check`: a capsule in words, and proven.
#ifndef BOOTSEAL_CLIENT_CLI_CAPSULE_SHOW_H_
#define BOOTSEAL_CLIENT_CLI_CAPSULE_SHOW_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/command.h"
#include "client/cli/description.h"

namespace bootseal::cli {

// Whether it begins like a capsule of any kind.
bool LooksLikeCapsule(absl::string_view file);
// What is in it, nothing verified. As capsule::DescribeFile.
absl::StatusOr<Description> DescribeCapsule(absl::string_view file);

Action DeclareCapsuleShow(CLI::App& app);
Action DeclareCapsuleCheck(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CAPSULE_SHOW_H_
