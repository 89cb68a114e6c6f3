// `bootseal capsule accept` and `revert`: what is said of a trial, unsigned as
// UEFI has it.
#ifndef BOOTSEAL_CLIENT_CLI_CAPSULE_MARK_H_
#define BOOTSEAL_CLIENT_CLI_CAPSULE_MARK_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareCapsuleAccept(CLI::App& app);
Action DeclareCapsuleRevert(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CAPSULE_MARK_H_
