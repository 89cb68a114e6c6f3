// bootseal targets: what we may ask for, and its profile for work offline.
#ifndef BOOTSEAL_CLIENT_CLI_TARGETS_H_
#define BOOTSEAL_CLIENT_CLI_TARGETS_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareTargetsList(CLI::App& app);
Action DeclareTargetsExport(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_TARGETS_H_
