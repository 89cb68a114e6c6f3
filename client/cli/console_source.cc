#include "client/cli/console_source.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "client/cli/audit_source.h"
#include "client/cli/entry_text.h"
#include "client/cli/exit_status.h"
#include "client/cli/log_memory.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

using Approvals = v1::ApprovalService::Stub;
using Audit = v1::AuditService::Stub;

absl::Status DifferentSubject() {
  return base::Precondition(
      "REQUEST_MISMATCH",
      "the server shows another request than its subject says");
}

std::string SubjectOf(const v1::Entry& pending) {
  const std::string& requester = pending.caller().identity();
  return pending.has_key() ? trust::SubjectOf(requester, pending.key().change())
                           : trust::SubjectOf(requester, pending.signing());
}

}  // namespace

ConsoleSource::ConsoleSource(const Connection& connection, const LogKey& key,
                             std::string server, const ApprovalSigner* signer)
    : connection_(connection),
      key_(key),
      signer_(signer),
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
  shown.checked = CheckRequest(subject_sha256, shown.request);
  return shown;
}

absl::Status ConsoleSource::CheckRequest(
    const std::string& subject_sha256,
    const v1::ApprovalRequest& request) const {
  const std::string& bytes = request.pending().entry();
  RETURN_IF_ERROR(key_.OpenReceipt(request.receipt(), bytes).status());
  ASSIGN_OR_RETURN(const v1::Entry pending, trust::DecodeEntry(bytes));
  if (SubjectOf(pending) != subject_sha256) return DifferentSubject();
  if (request.origin() == key_.origin()) return absl::OkStatus();
  return base::Precondition(
      "ORIGIN_MISMATCH",
      absl::StrCat("the request is of \"", absl::CHexEscape(request.origin()),
                   "\", expected our log's origin \"", key_.origin(), "\""));
}

absl::StatusOr<console::Prepared> ConsoleSource::Prepare(
    const console::Word& word) const {
  if (!signer_) {
    return UsageError("APPROVER_KEY_MISSING",
                      "bootseal console was started without an approver's key; "
                      "start it with one to approve or deny");
  }
  ASSIGN_OR_RETURN(const console::ShownRequest shown,
                   GetRequest(word.subject_sha256));
  RETURN_IF_ERROR(shown.checked);
  console::Prepared prepared;
  ASSIGN_OR_RETURN(prepared.pending,
                   trust::DecodeEntry(shown.request.pending().entry()));
  ASSIGN_OR_RETURN(prepared.statement,
                   signer_->Compose(shown.request, prepared.pending, word));
  return prepared;
}

absl::StatusOr<v1::SubmitApprovalReply> ConsoleSource::Submit(
    const v1::ApprovalStatement& statement) const {
  v1::SubmitApprovalRequest request;
  ASSIGN_OR_RETURN(*request.mutable_envelope(), signer_->Sign(statement));
  const auto stub = v1::ApprovalService::NewStub(connection_.channel());
  return connection_.Unary(*stub, &Approvals::SubmitApproval, request);
}

Json ConsoleSource::Describe(std::uint64_t index,
                             const v1::Entry& entry) const {
  return EntryToJson(index, entry);
}

}  // namespace bootseal::cli
