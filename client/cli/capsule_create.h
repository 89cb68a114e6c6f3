// `bootseal capsule create`: a firmware as a UEFI capsule that the server's key
// signs.
#ifndef BOOTSEAL_CLIENT_CLI_CAPSULE_CREATE_H_
#define BOOTSEAL_CLIENT_CLI_CAPSULE_CREATE_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareCapsuleCreate(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CAPSULE_CREATE_H_
