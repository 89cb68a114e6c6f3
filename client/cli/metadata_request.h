// Metadata that the server issues, believed when the log proves it.
#ifndef BOOTSEAL_CLIENT_CLI_METADATA_REQUEST_H_
#define BOOTSEAL_CLIENT_CLI_METADATA_REQUEST_H_

#include "absl/status/statusor.h"
#include "bootseal/v1/fwu.pb.h"
#include "client/cli/connection.h"
#include "client/cli/log_key.h"
#include "client/cli/log_memory.h"

namespace bootseal::cli {

// The reply, when it is byte for byte what the target's profile makes of the
// request, and the log has it. FAILED_PRECONDITION: REPLY_MISMATCH,
// RECEIPT_MISMATCH, as LogKey::OpenReceipt and LogMemory::Accept.
absl::StatusOr<v1::IssueMetadataReply> RequestMetadata(
    const Connection& connection, const v1::IssueMetadataRequest& request,
    const LogKey& key, const LogMemory& memory);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_METADATA_REQUEST_H_
