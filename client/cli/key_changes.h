// bootseal keys activate, rotate and retire: changes of signing keys, which the
// policy's quorum approves.
#ifndef BOOTSEAL_CLIENT_CLI_KEY_CHANGES_H_
#define BOOTSEAL_CLIENT_CLI_KEY_CHANGES_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareKeysActivate(CLI::App& app);
Action DeclareKeysRotate(CLI::App& app);
Action DeclareKeysRetire(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_KEY_CHANGES_H_
