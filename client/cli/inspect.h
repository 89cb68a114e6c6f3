// bootseal inspect: what is in a file, whatever it is.
#ifndef BOOTSEAL_CLIENT_CLI_INSPECT_H_
#define BOOTSEAL_CLIENT_CLI_INSPECT_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareInspect(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_INSPECT_H_
