// bootseal audit show: one entry in full, with the approvals behind it.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_SHOW_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_SHOW_H_

#include "client/cli/command.h"

namespace bootseal::cli {

// Proves each entry that it shows, and judges each approval by the policy that
// was in force.
Action DeclareAuditShow(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_SHOW_H_
