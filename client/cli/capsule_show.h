// `bootseal capsule show` and `check`: a capsule in words, and proven.
#ifndef BOOTSEAL_CLIENT_CLI_CAPSULE_SHOW_H_
#define BOOTSEAL_CLIENT_CLI_CAPSULE_SHOW_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareCapsuleShow(CLI::App& app);
Action DeclareCapsuleCheck(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CAPSULE_SHOW_H_
