// The client's side of SigningService, for tests: nothing is retried, nothing
// checked.
#ifndef BOOTSEAL_TESTS_SUPPORT_SIGN_CLIENT_H_
#define BOOTSEAL_TESTS_SUPPORT_SIGN_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::tests {

// A server's answer with the reason and field of its google.rpc.ErrorInfo, or
// with the reason of a call that was cut off (bootseal/v1/signing.proto), so
// that StatusIs(code, reason) applies to it.
absl::Status FromRpc(const grpc::Status& status);
// Seconds of its RetryInfo; 0 when it has none.
std::int64_t RetrySeconds(const grpc::Status& status);
// The "rule" of its ErrorInfo.
std::string RuleOfRpc(const grpc::Status& status);

// A fact for machines that goes with such a status: "subject" of
// APPROVALS_REQUIRED. Empty when there is none.
std::string DetailOf(const absl::Status& status, absl::string_view name);

// Target "app", version 1.2.3, a fresh request id, the size of `payload`.
v1::SignHeader HeaderFor(absl::string_view payload);

struct Upload {
  std::size_t chunk_bytes = 64 << 10;
};

absl::StatusOr<v1::SignReply> Sign(
    const std::shared_ptr<grpc::Channel>& channel, const v1::SignHeader& header,
    absl::string_view payload, const Upload& upload = {});

// The same with FwuService.Release.
absl::StatusOr<v1::SignReply> Release(
    const std::shared_ptr<grpc::Channel>& channel, const v1::SignHeader& header,
    absl::string_view payload, const Upload& upload = {});

// The same with FwuService.Capsule.
absl::StatusOr<v1::SignReply> Capsule(
    const std::shared_ptr<grpc::Channel>& channel, const v1::SignHeader& header,
    absl::string_view payload, const Upload& upload = {});

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_SIGN_CLIENT_H_
