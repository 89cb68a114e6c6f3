// The log as a C2SP tlog-tiles folder (client/tiles), proven on the way.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_TILES_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_TILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/context.h"
#include "client/cli/exit_status.h"

namespace bootseal::cli {

// Errors of LogMemory, tiles::FolderWriter and the rpcs; LOG_WENT_BACK when the
// folder holds more than the server has, ENTRY_MISSING.
absl::StatusOr<ExitStatus> ExportTiles(Context& context,
                                       const std::string& folder);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_EXPORT_TILES_H_
