// `bootseal console`: a page to review in, on this machine.
#ifndef BOOTSEAL_CLIENT_CLI_CONSOLE_H_
#define BOOTSEAL_CLIENT_CLI_CONSOLE_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareConsole(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CONSOLE_H_
