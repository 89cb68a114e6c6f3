// bootseal verify: bootable or not, in one line.
#ifndef BOOTSEAL_CLIENT_CLI_VERIFY_H_
#define BOOTSEAL_CLIENT_CLI_VERIFY_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareVerify(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_VERIFY_H_
