// bootseal sign: a payload goes in, an image that boots comes out.
#ifndef BOOTSEAL_CLIENT_CLI_SIGN_H_
#define BOOTSEAL_CLIENT_CLI_SIGN_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareSign(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SIGN_H_
