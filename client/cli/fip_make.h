// bootseal fip create, update and remove: packages, as fiptool makes them.
#ifndef BOOTSEAL_CLIENT_CLI_FIP_MAKE_H_
#define BOOTSEAL_CLIENT_CLI_FIP_MAKE_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFipCreate(CLI::App& app);
Action DeclareFipUpdate(CLI::App& app);
Action DeclareFipRemove(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FIP_MAKE_H_
