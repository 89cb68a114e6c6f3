// bootseal fip check: whether a device starts a package, rule by rule.
#ifndef BOOTSEAL_CLIENT_CLI_FIP_CHECK_H_
#define BOOTSEAL_CLIENT_CLI_FIP_CHECK_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFipCheck(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FIP_CHECK_H_
