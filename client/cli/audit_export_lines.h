// bootseal audit export --format csv|json: a line for each entry, for people.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_LINES_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_LINES_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/audit_filter.h"
#include "client/cli/context.h"
#include "client/cli/exit_status.h"

namespace bootseal::cli {

// Of the entries that the newest checkpoint covers. The file appears whole; in
// a folder it is "entries.csv" or "entries.jsonl"; "-": standard output.
absl::StatusOr<ExitStatus> ExportCsv(Context& context,
                                     const AuditFilter& filter,
                                     const std::string& output);
// Each with its exact bytes in base64: "bytes".
absl::StatusOr<ExitStatus> ExportJson(Context& context,
                                      const AuditFilter& filter,
                                      const std::string& output);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_LINES_H_
