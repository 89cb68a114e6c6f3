// bootseal fwu create: PSA firmware update metadata, made here or issued by the
// server.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_CREATE_H_
#define BOOTSEAL_CLIENT_CLI_FWU_CREATE_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFwuCreate(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_CREATE_H_
