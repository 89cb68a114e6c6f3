// The table of commands, and the command line made from it.
#ifndef BOOTSEAL_CLIENT_CLI_COMMANDS_H_
#define BOOTSEAL_CLIENT_CLI_COMMANDS_H_

#include <string>
#include <vector>

#include "client/cli/exit_status.h"

namespace bootseal::cli {

// Runs one command line, argv[0] included; reports errors on standard error.
ExitStatus RunCommandLine(const std::vector<std::string>& arguments);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_COMMANDS_H_
