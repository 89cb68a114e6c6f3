#include "server/audit_service.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/call.h"
#include "server/rpc_status.h"
#include "server/trust/entry.h"

namespace bootseal::server {
namespace {

constexpr std::uint32_t kDefaultPage = 100;
constexpr std::uint32_t kMaxPage = 1000;
// Pages are cut at this size; a message has its limit too.
constexpr std::size_t kMaxPageBytes = 2 << 20;
// How soon a stream without news notices that its client is gone.
constexpr absl::Duration kTailPatience = absl::Seconds(1);

struct DecisionName {
  absl::string_view name;
  v1::Decision decision;
};
constexpr std::array<DecisionName, 4> kDecisions{{
    {"", v1::DECISION_UNSPECIFIED},
    {"allowed", v1::ALLOWED},
    {"refused", v1::REFUSED},
    {"pending", v1::PENDING},
}};

absl::StatusOr<v1::Decision> ParseDecision(absl::string_view text) {
  for (const DecisionName& each : kDecisions) {
    if (each.name == text) return each.decision;
  }
  return base::Invalid(
      "UNKNOWN_DECISION", "decision",
      absl::StrCat("\"", text, "\" is not a decision, expected ",
                   "allowed, refused or pending"));
}

absl::Status CheckTimes(const v1::ListEntriesRequest& request) {
  if (request.from_unix_ms() >= 0 && request.until_unix_ms() >= 0) {
    return absl::OkStatus();
  }
  return base::Invalid("TIME_INVALID", "from_unix_ms",
                       absl::StrCat("from ", request.from_unix_ms(), " ms to ",
                                    request.until_unix_ms(),
                                    " ms, expected times since 1970, or 0"));
}

absl::StatusOr<int> ParseKind(absl::string_view name) {
  const int kind = trust::KindNamed(name);
  if (kind != 0 || name.empty()) return kind;
  return base::Invalid(
      "UNKNOWN_KIND", "kind",
      absl::StrCat("\"", name, "\" is no kind of entry, expected ",
                   absl::StrJoin(trust::EntryKinds(), ", ")));
}

v1::LogEntry ToMessage(audit::StoredRecord record) {
  v1::LogEntry entry;
  entry.set_index(record.index);
  entry.set_entry(std::move(record.entry));
  return entry;
}

v1::Proof ToMessage(const std::vector<audit::TreeHash>& hashes) {
  v1::Proof proof;
  for (const audit::TreeHash& hash : hashes) {
    proof.add_hashes(image::host::ToString(hash));
  }
  return proof;
}

}  // namespace

absl::StatusOr<v1::Caller> AuditService::Reader(
    const grpc::ServerContext& context, absl::string_view rpc) const {
  return ReceiveWith(v1::READ_LOG, context, environment_,
                     *environment_.policies.Current(), rpc);
}

absl::StatusOr<v1::Caller> AuditService::Anyone(
    const grpc::ServerContext& context, absl::string_view rpc) const {
  return Receive(context, environment_, *environment_.policies.Current(), rpc);
}

absl::Status AuditService::MayStillRead(
    const grpc::ServerContext& context) const {
  const auto policy = environment_.policies.Current();
  ASSIGN_OR_RETURN(const v1::Caller caller,
                   Identify(PeerOf(context, environment_.clients.peers), *policy, environment_.refusals));
  return Demand(v1::READ_LOG, caller, environment_, *policy,
                "AuditService.Tail");
}

grpc::Status AuditService::GetEntry(grpc::ServerContext* context,
                                    const v1::GetEntryRequest* request,
                                    v1::LogEntry* reply) {
  if (const auto reader = Reader(*context, "AuditService.GetEntry");
      !reader.ok()) {
    return ToRpcStatus(reader.status());
  }
  auto entry = environment_.log.Get(request->index());
  if (!entry.ok()) return ToRpcStatus(entry.status());
  *reply = ToMessage({request->index(), *std::move(entry)});
  return grpc::Status::OK;
}

grpc::Status AuditService::ListEntries(grpc::ServerContext* context,
                                       const v1::ListEntriesRequest* request,
                                       v1::ListEntriesReply* reply) {
  if (const auto reader = Reader(*context, "AuditService.ListEntries");
      !reader.ok()) {
    return ToRpcStatus(reader.status());
  }
  auto page = List(*request);
  if (!page.ok()) return ToRpcStatus(page.status());
  *reply = *std::move(page);
  return grpc::Status::OK;
}

absl::StatusOr<v1::ListEntriesReply> AuditService::List(
    const v1::ListEntriesRequest& request) const {
  audit::Filter filter;
  filter.start = request.start();
  filter.limit =
      std::min(request.limit() == 0 ? kDefaultPage : request.limit(), kMaxPage);
  filter.target = request.target();
  filter.identity = request.identity();
  filter.key = request.key();
  RETURN_IF_ERROR(CheckTimes(request));
  filter.from_unix_ms = request.from_unix_ms();
  filter.until_unix_ms = request.until_unix_ms();
  ASSIGN_OR_RETURN(filter.decision, ParseDecision(request.decision()));
  ASSIGN_OR_RETURN(filter.kind, ParseKind(request.kind()));
  ASSIGN_OR_RETURN(auto records, environment_.log.List(filter));
  v1::ListEntriesReply page;
  std::size_t bytes = 0;
  for (audit::StoredRecord& record : records) {
    bytes += record.entry.size();
    if (bytes > kMaxPageBytes && page.entries_size() > 0) {
      page.set_next(record.index);
      return page;
    }
    *page.add_entries() = ToMessage(std::move(record));
  }
  // A full page may have a successor; an empty next page is no harm.
  if (records.size() == filter.limit) {
    page.set_next(page.entries(page.entries_size() - 1).index() + 1);
  }
  return page;
}

grpc::Status AuditService::Tail(grpc::ServerContext* context,
                                const v1::TailRequest* request,
                                grpc::ServerWriter<v1::LogEntry>* writer) {
  const auto reader = Reader(*context, "AuditService.Tail");
  if (!reader.ok()) return ToRpcStatus(reader.status());
  const auto place = environment_.limits.tails.Take(reader->identity());
  if (!place.ok()) return ToRpcStatus(place.status());
  return ToRpcStatus(Follow(*context, request->start(), *writer));
}

absl::Status AuditService::Follow(
    grpc::ServerContext& context, std::uint64_t start,
    grpc::ServerWriter<v1::LogEntry>& writer) const {
  // A client that does not read is not waited for when the server ends.
  const UploadWatch::Guard guard(environment_.uploads, UploadWatch::kNoLimit,
                                 context);
  audit::Filter filter;
  filter.start = start;
  while (!context.IsCancelled()) {
    if (environment_.draining) return Draining();
    // The right to read may have ended with a new policy.
    RETURN_IF_ERROR(MayStillRead(context));
    environment_.log.WaitBeyond(filter.start, absl::Now() + kTailPatience);
    ASSIGN_OR_RETURN(auto records, environment_.log.List(filter));
    for (audit::StoredRecord& record : records) {
      filter.start = record.index + 1;
      if (!writer.Write(ToMessage(std::move(record)))) break;
    }
  }
  return guard.Check();
}

grpc::Status AuditService::GetInclusionProof(
    grpc::ServerContext* context, const v1::InclusionRequest* request,
    v1::Proof* reply) {
  if (const auto reader = Reader(*context, "AuditService.GetInclusionProof");
      !reader.ok()) {
    return ToRpcStatus(reader.status());
  }
  auto proof = Inclusion(*request);
  if (!proof.ok()) return ToRpcStatus(proof.status());
  *reply = *std::move(proof);
  return grpc::Status::OK;
}

absl::StatusOr<v1::Proof> AuditService::Inclusion(
    const v1::InclusionRequest& request) const {
  RETURN_IF_ERROR(environment_.log.Refresh());
  const audit::Log::SignedHead newest = environment_.log.Checkpoint();
  const std::uint64_t size =
      request.tree_size() == 0 ? newest.head.size : request.tree_size();
  ASSIGN_OR_RETURN(const auto hashes,
                   environment_.log.InclusionProof(request.index(), size));
  v1::Proof proof = ToMessage(hashes);
  if (size == newest.head.size) proof.set_checkpoint(newest.note);
  return proof;
}

grpc::Status AuditService::GetConsistencyProof(
    grpc::ServerContext* context, const v1::ConsistencyRequest* request,
    v1::Proof* reply) {
  if (const auto caller =
          Anyone(*context, "AuditService.GetConsistencyProof");
      !caller.ok()) {
    return ToRpcStatus(caller.status());
  }
  auto proof = Consistency(*request);
  if (!proof.ok()) return ToRpcStatus(proof.status());
  *reply = *std::move(proof);
  return grpc::Status::OK;
}

absl::StatusOr<v1::Proof> AuditService::Consistency(
    const v1::ConsistencyRequest& request) const {
  RETURN_IF_ERROR(environment_.log.Refresh());
  const audit::Log::SignedHead newest = environment_.log.Checkpoint();
  const std::uint64_t second =
      request.second_size() == 0 ? newest.head.size : request.second_size();
  ASSIGN_OR_RETURN(const auto hashes, environment_.log.ConsistencyProof(
                                          request.first_size(), second));
  v1::Proof proof = ToMessage(hashes);
  if (second == newest.head.size) proof.set_checkpoint(newest.note);
  return proof;
}

grpc::Status AuditService::GetCheckpoint(grpc::ServerContext* context,
                                         const v1::GetCheckpointRequest*,
                                         v1::Checkpoint* reply) {
  if (const auto caller = Anyone(*context, "AuditService.GetCheckpoint");
      !caller.ok()) {
    return ToRpcStatus(caller.status());
  }
  // One that is older than another server's would look like a log that went
  // back.
  if (const absl::Status fresh = environment_.log.Refresh(); !fresh.ok()) {
    return ToRpcStatus(fresh);
  }
  reply->set_note(environment_.log.Checkpoint().note);
  return grpc::Status::OK;
}

}  // namespace bootseal::server
