// bootseal fwu layout check: what the bootloader does with a flash, and what is
// wrong with it.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_CHECK_H_
#define BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_CHECK_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFwuLayoutCheck(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_CHECK_H_
