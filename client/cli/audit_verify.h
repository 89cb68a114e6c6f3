// bootseal audit verify: the whole log, proven by nothing but our own log key
// and what we saw before.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_VERIFY_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_VERIFY_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareAuditVerify(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_VERIFY_H_
