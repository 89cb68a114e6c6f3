// bootseal version: which build this is.
#ifndef BOOTSEAL_CLIENT_CLI_VERSION_H_
#define BOOTSEAL_CLIENT_CLI_VERSION_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareVersion(CLI::App& app);

// What it does, for --version.
absl::StatusOr<ExitStatus> PrintVersion(Context& context);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_VERSION_H_
