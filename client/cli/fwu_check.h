// bootseal fwu check: who reads metadata, and whether a bundle is what it says.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_CHECK_H_
#define BOOTSEAL_CLIENT_CLI_FWU_CHECK_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFwuCheck(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_CHECK_H_
