// Errors on their way out: absl::Status with its reason becomes grpc::Status
// with google.rpc details, so that a CI job learns which rule refused and when
// to come back. Thread-safe: free functions without state.
#ifndef BOOTSEAL_SERVER_RPC_STATUS_H_
#define BOOTSEAL_SERVER_RPC_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bootseal/v1/signing.pb.h"
#include "grpcpp/support/status.h"

namespace bootseal::server {

// The same status, naming the rule of the policy that refused.
absl::Status WithRule(absl::Status status, absl::string_view rule);
// Empty when the status carries none.
std::string RuleOf(const absl::Status& status);

// The same status with one more fact for machines, as ErrorInfo's metadata and
// Failure.details have it: "subject".
absl::Status WithDetail(absl::Status status, absl::string_view name,
                        absl::string_view value);

// The same status for a caller that may come back after `delay`, which is
// rounded up to milliseconds; in place of what its reason usually takes.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// Code and message, with ErrorInfo always and RetryInfo where the same call may
// succeed later.
grpc::Status ToRpcStatus(const absl::Status& status);

// The same for one item of a SignMany stream.
v1::Failure ToFailure(const absl::Status& status);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_RPC_STATUS_H_
