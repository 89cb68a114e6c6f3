// bootseal audit: reading the log. Proving all of it is audit_verify.h.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareAuditList(CLI::App& app);
// Proves that the entry is in the log before it shows it.
Action DeclareAuditShow(CLI::App& app);
Action DeclareAuditTail(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_H_
