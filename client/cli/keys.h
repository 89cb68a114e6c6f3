// bootseal keys: public keys, and what the HSM says of them.
#ifndef BOOTSEAL_CLIENT_CLI_KEYS_H_
#define BOOTSEAL_CLIENT_CLI_KEYS_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareKeysList(CLI::App& app);
Action DeclareKeysShow(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_KEYS_H_
