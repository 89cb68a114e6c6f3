// bootseal policy: is the file right, and what would it say.
#ifndef BOOTSEAL_CLIENT_CLI_POLICY_H_
#define BOOTSEAL_CLIENT_CLI_POLICY_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclarePolicyCheck(CLI::App& app);
Action DeclarePolicyExplain(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_POLICY_H_
