// A request for the page: who asks for what, how it differs from the last
// release, who said what. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CONSOLE_REQUEST_JSON_H_
#define BOOTSEAL_CLIENT_CONSOLE_REQUEST_JSON_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/json.h"
#include "client/console/source.h"

namespace bootseal::console {

// {"reason","message","field"}; null for OK.
cli::Json ErrorToJson(const absl::Status& status);

// Entry, receipt and what compares with the last release. INVALID_ARGUMENT
// (ENTRY_MALFORMED) for entries that do not decode.
absl::StatusOr<cli::Json> RequestToJson(const Source& source,
                                        const ShownRequest& shown);

// One row of the list.
absl::StatusOr<cli::Json> RequestRowToJson(const v1::ApprovalRequest& request);

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_REQUEST_JSON_H_
