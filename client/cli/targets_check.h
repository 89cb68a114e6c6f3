// bootseal targets check: a target against the bootloader of a build.
#ifndef BOOTSEAL_CLIENT_CLI_TARGETS_CHECK_H_
#define BOOTSEAL_CLIENT_CLI_TARGETS_CHECK_H_

#include "client/cli/command.h"

namespace bootseal::cli {

// kRefused when they differ; kLocalFile for a build that cannot be read.
Action DeclareTargetsCheck(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_TARGETS_CHECK_H_
