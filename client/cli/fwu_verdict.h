// bootseal fwu accept, reject: the signed word on a release that devices have
// on trial.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_VERDICT_H_
#define BOOTSEAL_CLIENT_CLI_FWU_VERDICT_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFwuAccept(CLI::App& app);
Action DeclareFwuReject(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_VERDICT_H_
