// bootseal imgtool: imgtool's own command line, and argv[0] "imgtool".
#ifndef BOOTSEAL_CLIENT_CLI_IMGTOOL_H_
#define BOOTSEAL_CLIENT_CLI_IMGTOOL_H_

#include <string>
#include <vector>

#include "client/cli/command.h"

namespace bootseal::cli {

// All that follows is imgtool's; its exit status is too.
Action DeclareImgtool(CLI::App& app);

// A command line that starts with the name of a program that we stand for, in
// any folder, as ours has it: "imgtool" and "imgtool.py" as "bootseal
// imgtool", TF-M's "mcuboot_imagesign_wrapper" and "wrapper.py" as "bootseal
// tfm-wrapper". Any other as it is.
std::vector<std::string> WithProgramName(std::vector<std::string> arguments);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_IMGTOOL_H_
