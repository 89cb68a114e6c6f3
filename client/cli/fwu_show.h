// bootseal fwu show: metadata, manifests and bundles in words.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_SHOW_H_
#define BOOTSEAL_CLIENT_CLI_FWU_SHOW_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFwuShow(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_SHOW_H_
