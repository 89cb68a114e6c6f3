#include "client/cli/console_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/approval/statement.h"
#include "client/cli/approval_source.h"
#include "client/cli/audit_source.h"
#include "client/cli/entry_text.h"
#include "client/cli/log_memory.h"

namespace bootseal::cli {
namespace {

using Approvals = v1::ApprovalService::Stub;
using Audit = v1::AuditService::Stub;

absl::Status DifferentSubject() {
  return base::Precondition(
      "REQUEST_MISMATCH",
      "the server shows another request than its subject says");
}

}  // namespace

ConsoleSource::ConsoleSource(const Connection& connection, const LogKey& key,
                             std::string server, Approver approver)
    : connection_(connection),
      key_(key),
      approver_(std::move(approver)),
      settings_{std::move(server), key.text(), key.origin()} {}

absl::StatusOr<v1::ListEntriesReply> ConsoleSource::ListEntries(
    const v1::ListEntriesRequest& request) const {
  return FetchEntries(connection_, request);
}

absl::StatusOr<console::ShownEntry> ConsoleSource::GetEntry(
    std::uint64_t index) const {
  const auto stub = v1::AuditService::NewStub(connection_.channel());
  v1::GetEntryRequest wanted;
  wanted.set_index(index);
  v1::InclusionRequest proof;
  proof.set_index(index);
  console::ShownEntry shown;
  ASSIGN_OR_RETURN(shown.entry,
                   connection_.Unary(*stub, &Audit::GetEntry, wanted));
  ASSIGN_OR_RETURN(shown.proof,
                   connection_.Unary(*stub, &Audit::GetInclusionProof, proof));
  shown.entry.set_index(index);  // what was asked for is what must be proven
  shown.checked = CheckEntry(shown.entry, shown.proof);
  return shown;
}

absl::Status ConsoleSource::CheckEntry(const v1::LogEntry& entry,
                                       const v1::Proof& proof) const {
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key_));
  ASSIGN_OR_RETURN(const TrustedCheckpoint checkpoint,
                   CheckInclusion(key_, entry, proof));
  return memory.Accept(connection_, checkpoint);
}

absl::StatusOr<std::string> ConsoleSource::GetCheckpoint() const {
  const auto stub = v1::AuditService::NewStub(connection_.channel());
  ASSIGN_OR_RETURN(const v1::Checkpoint checkpoint,
                   connection_.Unary(*stub, &Audit::GetCheckpoint,
                                     v1::GetCheckpointRequest()));
  return checkpoint.note();
}

absl::StatusOr<v1::ListRequestsReply> ConsoleSource::ListRequests(
    const v1::ListRequestsRequest& request) const {
  const auto stub = v1::ApprovalService::NewStub(connection_.channel());
  return connection_.Unary(*stub, &Approvals::ListRequests, request);
}

absl::StatusOr<console::ShownRequest> ConsoleSource::GetRequest(
    const std::string& subject_sha256) const {
  const auto stub = v1::ApprovalService::NewStub(connection_.channel());
  v1::GetRequestRequest wanted;
  wanted.set_subject_sha256(subject_sha256);
  console::ShownRequest shown;
  ASSIGN_OR_RETURN(shown.request,
                   connection_.Unary(*stub, &Approvals::GetRequest, wanted));
  auto review = ProveRequest(subject_sha256, shown.request);
  shown.checked = review.status();
  if (review.ok()) shown.review = *std::move(review);
  return shown;
}

absl::StatusOr<approval::Review> ConsoleSource::ProveRequest(
    const std::string& subject_sha256,
    const v1::ApprovalRequest& request) const {
  ASSIGN_OR_RETURN(approval::Review review,
                   ApprovalSource(connection_, key_).Prove(request));
  if (review.pending.subject != subject_sha256) return DifferentSubject();
  return review;
}

absl::StatusOr<v1::ApprovalStatement> ConsoleSource::Compose(
    const approval::Pending& pending, const v1::ApprovalRequest& request,
    const console::Word& word) const {
  const absl::Duration longest = absl::Seconds(request.approval_seconds());
  approval::Words words;
  words.verdict = word.verdict;
  words.reason = word.reason;
  words.approver = approver_.name.empty() ? request.caller() : approver_.name;
  words.allows_lower_security_counter = word.allows_lower_security_counter;
  words.allows_lower_version = word.allows_lower_version;
  words.now = absl::Now();
  if (longest > absl::ZeroDuration()) {
    words.life = std::min(words.life, longest);
  }
  words.origin = key_.origin();
  words.policy_sha256 = request.policy_sha256();
  return approval::MakeStatement(pending, words);
}

absl::StatusOr<console::Prepared> ConsoleSource::Prepare(
    const console::Word& word) const {
  if (!approver_.signer) {
    return base::Precondition(
        "APPROVER_KEY_MISSING",
        "bootseal console was started without an approver's key; start it with "
        "--key or --ssh-key to approve or deny");
  }
  ASSIGN_OR_RETURN(const console::ShownRequest shown,
                   GetRequest(word.subject_sha256));
  const v1::ApprovalRequest& request = shown.request;
  RETURN_IF_ERROR(shown.checked);
  const approval::Pending& pending = shown.review->pending;
  if (request.state() != v1::WAITING && request.state() != v1::APPROVED) {
    return base::Precondition(
        "NOT_WAITING", absl::StrCat("this request is ",
                                    absl::AsciiStrToLower(
                                        v1::RequestState_Name(request.state())),
                                    "; nobody waits for an answer"));
  }
  console::Prepared prepared;
  prepared.pending = pending.entry;
  ASSIGN_OR_RETURN(prepared.statement, Compose(pending, request, word));
  return prepared;
}

absl::StatusOr<v1::SubmitApprovalReply> ConsoleSource::Submit(
    const v1::ApprovalStatement& statement) const {
  ASSIGN_OR_RETURN(const v1::DsseEnvelope envelope,
                   approval::SignStatement(statement, *approver_.signer));
  return ApprovalSource(connection_, key_).Submit(envelope);
}

Json ConsoleSource::Describe(std::uint64_t index,
                             const v1::Entry& entry) const {
  return EntryToJson(index, entry);
}

}  // namespace bootseal::cli
