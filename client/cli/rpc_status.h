// Errors on their way in: the google.rpc details of a gRPC status become the
// payloads of absl::Status that base/status.h reads.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_RPC_STATUS_H_
#define BOOTSEAL_CLIENT_CLI_RPC_STATUS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace bootseal::cli {

// Code and message, with reason, field, rule and retry delay of the details
// when the server sent some. Details that do not parse are left out. Without
// any, UNAVAILABLE with "DRAINING: " before its message has that reason, and
// CANCELLED is UNAVAILABLE: we cancel nothing, so the server ended the call.
absl::Status FromRpcStatus(const grpc::Status& status);

// The same error, with its details, in other words.
absl::Status WithMessage(const absl::Status& status, absl::string_view message);

// The policy's rule that refused; empty when the status carries none.
std::string RuleOf(const absl::Status& status);
// A fact for machines that the server gave with its error: "subject" of
// APPROVALS_REQUIRED. Empty when there is none.
std::string DetailOf(const absl::Status& status, absl::string_view name);

// How long the server asks to wait, when it thinks that waiting helps.
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RPC_STATUS_H_
