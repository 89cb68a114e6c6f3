// bootseal fip info and unpack: what is in a package.
#ifndef BOOTSEAL_CLIENT_CLI_FIP_READ_H_
#define BOOTSEAL_CLIENT_CLI_FIP_READ_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFipInfo(CLI::App& app);
Action DeclareFipUnpack(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FIP_READ_H_
