// The table of commands, and the command line made from it.
#ifndef BOOTSEAL_CLIENT_CLI_COMMANDS_H_
#define BOOTSEAL_CLIENT_CLI_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "client/cli/exit_status.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

// Runs one command line, argv[0] included; reports errors on standard error.
ExitStatus RunCommandLine(const std::vector<std::string>& arguments);

// Hands over the definitions of all commands, which live no longer than that:
// manual pages and completions are made of them.
void ReadDefinitions(const std::function<void(const CLI::App&)>& read);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_COMMANDS_H_
