// bootseal audit export: the log as files. Each format is a row of the table in
// audit_export.cc.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareAuditExport(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_H_
