// The command line of bootseal-fwu.
#ifndef BOOTSEAL_CLIENT_FWU_PROGRAM_H_
#define BOOTSEAL_CLIENT_FWU_PROGRAM_H_

#include <functional>
#include <string>
#include <vector>

#include "client/fwu/exit_status.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::fwu {

// Results to standard output, progress and errors to standard error.
ExitStatus RunProgram(const std::vector<std::string>& arguments);

// Hands over the definitions of all commands, which live no longer than that.
void ReadDefinitions(const std::function<void(const CLI::App&)>& read);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_PROGRAM_H_
