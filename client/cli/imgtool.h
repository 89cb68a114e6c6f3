// bootseal imgtool: imgtool's own command line, and argv[0] "imgtool".
#ifndef BOOTSEAL_CLIENT_CLI_IMGTOOL_H_
#define BOOTSEAL_CLIENT_CLI_IMGTOOL_H_

#include <string>
#include <vector>

#include "client/cli/command.h"

namespace bootseal::cli {

// All that follows is imgtool's; its exit status is too.
Action DeclareImgtool(CLI::App& app);

// A command line that starts with the program's name "imgtool", in any folder,
// as "bootseal imgtool" has it; any other as it is.
std::vector<std::string> WithProgramName(std::vector<std::string> arguments);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_IMGTOOL_H_
