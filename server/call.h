// One rpc as the server sees it: who calls, under which policy, and the line
// that the server's log gets about it. Not thread-safe.
#ifndef BOOTSEAL_SERVER_CALL_H_
#define BOOTSEAL_SERVER_CALL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "grpcpp/server_context.h"
#include "server/environment.h"
#include "server/identity/identifier.h"
#include "server/policy_in_force.h"
#include "server/refusals.h"
#include "server/trust/trace_context.h"

namespace bootseal::server {

// Certificates and token of the peer, which nothing has judged yet.
using identity::Peer;
Peer PeerOf(const grpc::ServerContext& context, const edge::Peers& peers);

// Of the call's metadata, where it is told once and well-formed.
using Trace = std::optional<trust::TraceContext>;
Trace TraceOf(const grpc::ServerContext& context);

// Identifies the peer; a caller that is not known is counted as a refusal.
absl::StatusOr<v1::Caller> Identify(const Peer& peer,
                                    const PolicyInForce& policy,
                                    Refusals& refusals);

class RequestLine;

// The same for the peer of a call that begins, which counts in limits.rate and
// has a place among limits.calls until its answer has left: RESOURCE_EXHAUSTED
// (CALL_RATE, TOO_MANY_REQUESTS, IDENTITY_BUSY). `line` knows then who calls,
// and the request's id where the call's metadata says it.
absl::StatusOr<v1::Caller> Receive(const grpc::ServerContext& context,
                                   const Environment& environment,
                                   const PolicyInForce& policy,
                                   RequestLine& line);

// The same for a call of `rpc` that has no line unless limits refuse it, which
// is written here: "AuditService.Tail".
absl::StatusOr<v1::Caller> Receive(const grpc::ServerContext& context,
                                   const Environment& environment,
                                   const PolicyInForce& policy,
                                   absl::string_view rpc);

// The same, and demands `permission`.
absl::StatusOr<v1::Caller> ReceiveWith(v1::Permission permission,
                                       const grpc::ServerContext& context,
                                       const Environment& environment,
                                       const PolicyInForce& policy,
                                       absl::string_view rpc);

// Whether one of the caller's roles has `permission`. A refusal is recorded as
// one of `rpc`: "AuditService.Tail".
absl::Status Demand(v1::Permission permission, const v1::Caller& caller,
                    const Environment& environment, const PolicyInForce& policy,
                    absl::string_view rpc);

// A call that `caller` was refused for its roles, as the log keeps it.
void RecordAccess(const Environment& environment, const PolicyInForce& policy,
                  const v1::Caller& caller, v1::AccessEvent event);

// The line about one request, with its outcome and duration. What limits refuse
// for now (with a retry delay) has a line once a second for each caller.
class RequestLine {
 public:
  explicit RequestLine(absl::string_view method);

  void SetCaller(absl::string_view identity) {
    identity_ = std::string(identity);
  }
  // For a caller that nobody knows.
  void SetAddress(absl::string_view address) {
    address_ = std::string(address);
  }
  // The id as metadata has it; what is none is ignored.
  void SetToldId(absl::string_view request_id);
  // As the message has it; an empty id changes nothing.
  void SetRequest(absl::string_view target, absl::string_view request_id);
  // Of the log, that the answer speaks of.
  void SetEntry(std::uint64_t index) { entry_ = absl::StrCat(index); }
  // The same, from a receipt's text.
  void SetReceipt(absl::string_view receipt);
  void SetTrace(Trace trace) { trace_ = std::move(trace); }
  void Write(const absl::Status& outcome) const;

 private:
  const absl::string_view method_;
  const absl::Time start_;
  std::string identity_;
  std::string address_;
  std::string target_;
  std::string request_id_;
  std::string entry_;
  Trace trace_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CALL_H_
