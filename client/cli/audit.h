// bootseal audit: searching and following the log. One entry in full is
// audit_show.h, proving all of it audit_verify.h.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareAuditList(CLI::App& app);
// Goes on where it was after a lost connection.
Action DeclareAuditTail(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_H_
