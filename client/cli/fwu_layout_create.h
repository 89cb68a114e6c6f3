// bootseal fwu layout create: a flash or disk image with everything where the
// bootloader looks for it.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_CREATE_H_
#define BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_CREATE_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFwuLayoutCreate(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_CREATE_H_
