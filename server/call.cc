#include "server/call.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "firmware/image/transparency/note.h"
#include "server/edge/peers.h"
#include "server/limit_lines.h"
#include "server/release_decision.h"
#include "server/rpc_status.h"
#include "server/trust/request_id.h"

namespace bootseal::server {
namespace {

// A caller chooses these texts; the log line stays short.
constexpr std::size_t kMaxText = 128;
// The field of the policy that gives permissions.
constexpr char kPermissionRule[] = "roles.permissions";

absl::string_view Decision(const absl::Status& outcome) {
  if (outcome.ok()) return "allowed";
  if (base::ReasonOf(outcome) == kApprovalsRequired) return "pending";
  switch (outcome.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
      return "failed";
    default:
      return "refused";
  }
}

base::Severity SeverityOf(const absl::Status& outcome) {
  const absl::string_view decision = Decision(outcome);
  if (decision == "failed") return base::Severity::kError;
  return decision == "refused" ? base::Severity::kWarning
                               : base::Severity::kInfo;
}

// Of a request that waits the status tells its entry.
std::string EntryThatWaits(const absl::Status& outcome) {
  const v1::Failure failure = ToFailure(outcome);
  const auto found = failure.details().find("pending_index");
  return found == failure.details().end() ? "" : found->second;
}

// What time mends, and nothing in the request.
bool IsOfALimit(const absl::Status& outcome) {
  return absl::IsResourceExhausted(outcome) &&
         ToFailure(outcome).retry_seconds() > 0;
}

// Of this process, as standard error is.
LimitLines& LinesOfLimits() {
  static LimitLines* const lines = new LimitLines();
  return *lines;
}

// Empty unless the metadata says it once.
absl::string_view ToldId(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(trust::kRequestIdMetadata);
  if (found == metadata.end() ||
      metadata.count(trust::kRequestIdMetadata) != 1) {
    return {};
  }
  return {found->second.data(), found->second.size()};
}

}  // namespace

// A connection that is closed meanwhile is nobody's.
Peer PeerOf(const grpc::ServerContext& context, const edge::Peers& peers) {
  Peer peer;
  if (const auto connected = peers.Find(context.peer())) {
    peer.leaf_pem = connected->certificates().leaf_pem;
    peer.chain_pem = connected->certificates().chain_pem;
  }
  const auto range = context.client_metadata().equal_range("authorization");
  for (auto each = range.first; each != range.second; ++each) {
    peer.authorizations.emplace_back(
        std::string(each->second.data(), each->second.size()));
  }
  return peer;
}

// Said twice it is nobody's (W3C Trace Context 3.2.1).
Trace TraceOf(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(trust::kTraceParent);
  if (found == metadata.end() || metadata.count(trust::kTraceParent) != 1) {
    return std::nullopt;
  }
  return trust::ParseTraceParent({found->second.data(), found->second.size()});
}

absl::StatusOr<v1::Caller> Identify(const Peer& peer,
                                    const PolicyInForce& policy,
                                    Refusals& refusals) {
  auto caller = policy.identifier().Identify(peer);
  if (caller.ok()) return caller;
  v1::Entry entry;
  entry.set_policy_sha256(policy.policy().sha256());
  entry.mutable_signing()->set_reason(std::string(caller.status().message()));
  refusals.Record(entry);
  return caller;
}

absl::StatusOr<v1::Caller> Receive(const grpc::ServerContext& context,
                                   const Environment& environment,
                                   const PolicyInForce& policy,
                                   RequestLine& line) {
  const edge::Peers& peers = environment.clients.peers;
  const auto connected = peers.Find(context.peer());
  if (connected) line.SetAddress(connected->address());
  line.SetToldId(ToldId(context));
  ASSIGN_OR_RETURN(v1::Caller caller, Identify(PeerOf(context, peers), policy,
                                               environment.refusals));
  if (connected) connected->Identify(caller.identity());
  line.SetCaller(caller.identity());
  RETURN_IF_ERROR(environment.limits.rate.Take(caller.identity()));
  RETURN_IF_ERROR(environment.calls.Take(context, caller.identity()));
  return caller;
}

absl::StatusOr<v1::Caller> Receive(const grpc::ServerContext& context,
                                   const Environment& environment,
                                   const PolicyInForce& policy,
                                   absl::string_view rpc) {
  RequestLine line(rpc.substr(rpc.rfind('.') + 1));
  line.SetTrace(TraceOf(context));
  auto caller = Receive(context, environment, policy, line);
  if (absl::IsResourceExhausted(caller.status())) line.Write(caller.status());
  return caller;
}

absl::StatusOr<v1::Caller> ReceiveWith(v1::Permission permission,
                                       const grpc::ServerContext& context,
                                       const Environment& environment,
                                       const PolicyInForce& policy,
                                       absl::string_view rpc) {
  ASSIGN_OR_RETURN(v1::Caller caller,
                   Receive(context, environment, policy, rpc));
  RETURN_IF_ERROR(Demand(permission, caller, environment, policy, rpc));
  return caller;
}

absl::Status Demand(v1::Permission permission, const v1::Caller& caller,
                    const Environment& environment, const PolicyInForce& policy,
                    absl::string_view rpc) {
  absl::Status allowed = policy.judge().Allow(caller, permission);
  if (allowed.ok()) return allowed;
  v1::AccessEvent event;
  event.set_rpc(std::string(rpc));
  event.set_rule(kPermissionRule);
  event.set_reason(std::string(allowed.message()));
  RecordAccess(environment, policy, caller, std::move(event));
  return WithRule(std::move(allowed), kPermissionRule);
}

void RecordAccess(const Environment& environment, const PolicyInForce& policy,
                  const v1::Caller& caller, v1::AccessEvent event) {
  event.set_reason(Shortened(event.reason()));
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(environment.clock.Now()));
  *entry.mutable_caller() = caller;
  entry.set_policy_sha256(policy.policy().sha256());
  *entry.mutable_access() = std::move(event);
  environment.refusals.Record(entry);
}

RequestLine::RequestLine(absl::string_view method)
    : method_(method), start_(absl::Now()) {}

void RequestLine::SetToldId(absl::string_view request_id) {
  // What a message said that was read already counts.
  if (!request_id_.empty() || !trust::IsRequestId(request_id)) return;
  request_id_ = std::string(request_id);
}

void RequestLine::SetRequest(absl::string_view target,
                             absl::string_view request_id) {
  target_ = std::string(target.substr(0, kMaxText));
  if (request_id.empty()) return;
  request_id_ = std::string(request_id.substr(0, kMaxText));
}

void RequestLine::SetReceipt(absl::string_view receipt) {
  const auto proof =
      image::transparency::ParseProofFile({receipt.data(), receipt.size()});
  if (proof.ok()) SetEntry(proof->index);
}

void RequestLine::Write(const absl::Status& outcome) const {
  std::string left_out;
  if (IsOfALimit(outcome)) {
    const auto count = LinesOfLimits().Admit(
        identity_.empty() ? address_ : identity_, absl::Now());
    if (!count) return;
    left_out = absl::StrCat(*count);
  }
  const std::string milliseconds =
      absl::StrCat(absl::ToInt64Milliseconds(absl::Now() - start_));
  const std::string reason = base::ReasonOf(outcome);
  // An id that no check has seen yet is told only if it is one.
  const absl::string_view request_id =
      left_out.empty() || trust::IsRequestId(request_id_) ? request_id_
                                                          : absl::string_view();
  std::vector<base::LogField> fields{{"method", method_},
                                     {"request_id", request_id},
                                     {"identity", identity_},
                                     {"target", target_},
                                     {"decision", Decision(outcome)},
                                     {"ms", milliseconds}};
  const std::string entry = entry_.empty() ? EntryThatWaits(outcome) : entry_;
  if (!entry.empty()) fields.emplace_back("entry", entry);
  if (trace_) {
    fields.emplace_back("trace_id", trace_->trace_id);
    fields.emplace_back("span_id", trace_->span_id);
  }
  if (identity_.empty()) fields.emplace_back("address", address_);
  if (!outcome.ok()) {
    fields.emplace_back("reason", reason);
    fields.emplace_back("message", outcome.message());
  }
  if (!left_out.empty()) fields.emplace_back("left_out", left_out);
  base::Log(SeverityOf(outcome), "request", fields);
}

}  // namespace bootseal::server
