// bootseal sign-range: the contract for every build system that makes its
// images itself and can call a program for the signature.
#ifndef BOOTSEAL_CLIENT_CLI_SIGN_RANGE_H_
#define BOOTSEAL_CLIENT_CLI_SIGN_RANGE_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareSignRange(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SIGN_RANGE_H_
