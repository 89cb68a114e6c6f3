// The command line of bootseal-fwu.
#ifndef BOOTSEAL_CLIENT_FWU_PROGRAM_H_
#define BOOTSEAL_CLIENT_FWU_PROGRAM_H_

#include <string>
#include <vector>

#include "client/fwu/exit_status.h"

namespace bootseal::fwu {

// Results to standard output, progress and errors to standard error.
ExitStatus RunProgram(const std::vector<std::string>& arguments);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_PROGRAM_H_
