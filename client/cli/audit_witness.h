// bootseal audit witness: cosigns what a log shows, as a server that logs send
// their checkpoints to, or once, with what we may read ourselves.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_WITNESS_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_WITNESS_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareAuditWitness(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_WITNESS_H_
