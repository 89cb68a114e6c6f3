#include "client/cli/approval_source.h"

#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "client/cli/audit_source.h"
#include "client/cli/log_memory.h"
#include "client/cli/report.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"
#include "server/trust/entry.h"
#include "server/trust/request_name.h"

namespace bootseal::cli {
namespace {

absl::Status CheckRecorded(const std::string& bytes,
                           const v1::DsseEnvelope& envelope) {
  ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(bytes));
  if (entry.has_approval() && entry.approval().envelope().SerializeAsString() ==
                                  envelope.SerializeAsString()) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "RECEIPT_MISMATCH",
      "the server's receipt is for another entry than this statement's");
}

absl::Status PolicyUnknown(const std::string& sha256) {
  return base::Precondition(
      "POLICY_UNKNOWN",
      absl::StrCat("the log does not hold the policy that the server says is "
                   "in force, SHA-256 ",
                   absl::BytesToHexString(sha256)));
}

}  // namespace

absl::StatusOr<approval::Review> ApprovalSource::Judge(
    v1::ApprovalRequest request) const {
  if (request.origin() != key_.origin()) {
    return base::Precondition(
        "ORIGIN_DIFFERS",
        absl::StrCat("the server speaks of the log \"",
                     Printable(request.origin()),
                     "\", and our log key is that of \"", key_.origin(), "\""));
  }
  RETURN_IF_ERROR(
      key_.OpenReceipt(request.receipt(), request.pending().entry()).status());
  approval::Review review;
  ASSIGN_OR_RETURN(review.pending, approval::ReadPending(request.pending()));
  review.request = std::move(request);
  return review;
}

absl::StatusOr<ProvenEntry> ApprovalSource::FetchAccepted(
    std::uint64_t index) const {
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key_));
  ASSIGN_OR_RETURN(ProvenEntry proven,
                   FetchProvenEntry(connection_, key_, index));
  RETURN_IF_ERROR(memory.Accept(connection_, proven.checkpoint));
  return proven;
}

// Readers of the log get it proven; others have the server's word.
absl::StatusOr<std::optional<approval::LastRelease>>
ApprovalSource::LastReleaseOf(const approval::Review& review) const {
  if (!review.request.has_last_release() ||
      (!review.pending.image && !review.pending.capsule)) {
    return std::optional<approval::LastRelease>();
  }
  const v1::LogEntry& given = review.request.last_release();
  approval::LastRelease last;
  last.index = given.index();
  const auto proven = FetchAccepted(given.index());
  last.proven = proven.ok();
  if (!proven.ok() && !absl::IsPermissionDenied(proven.status())) {
    return proven.status();
  }
  if (proven.ok() && proven->bytes != given.entry()) {
    return base::Precondition(
        "PENDING_MISMATCH",
        absl::StrCat("the last release that the server shows is not entry ",
                     given.index(), " of the log"));
  }
  ASSIGN_OR_RETURN(last.entry, trust::DecodeEntry(given.entry()));
  const v1::SigningEvent& released = last.entry.signing();
  if (released.target() != review.pending.entry.signing().target() ||
      released.decision() != v1::ALLOWED) {
    return base::Precondition(
        "PENDING_MISMATCH",
        absl::StrCat("entry ", given.index(),
                     ", the last release that the server shows, is no release "
                     "of the target"));
  }
  return std::optional<approval::LastRelease>(std::move(last));
}

// In the log, byte for byte, as the server shows them.
absl::StatusOr<std::vector<trust::RecordedApproval>> ApprovalSource::WordsOf(
    const approval::Review& review) const {
  std::vector<trust::RecordedApproval> words;
  for (const v1::LogEntry& given : review.request.approvals()) {
    ASSIGN_OR_RETURN(const ProvenEntry proven, FetchAccepted(given.index()));
    if (proven.bytes != given.entry() || !proven.entry.has_approval()) {
      return base::Precondition(
          "PENDING_MISMATCH",
          absl::StrCat("the approval that the server shows is not entry ",
                       given.index(), " of the log"));
    }
    words.push_back({given.index(), proven.entry.approval()});
  }
  return words;
}

// The policy that the server says is in force, if the log holds it and shows
// none that came after; none: nothing can be counted by it.
absl::StatusOr<std::optional<LoggedPolicy>> ApprovalSource::PolicyOf(
    const approval::Review& review) const {
  const std::string& sha256 = review.request.policy_sha256();
  const auto listed =
      ListPolicies(connection_, std::numeric_limits<std::uint64_t>::max());
  if (absl::IsPermissionDenied(listed.status())) return std::nullopt;
  RETURN_IF_ERROR(listed.status());
  const auto index = approval::NewestOf(*listed, sha256);
  if (!index) return PolicyUnknown(sha256);
  if (approval::IsSuperseded({*index, sha256}, *listed, review.pending)) {
    Warn(absl::StrCat("the server counts by the policy of entry ", *index,
                      ", and the log shows that another came into force "
                      "since; what it counts is its word alone"));
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(const ProvenEntry proven, FetchAccepted(*index));
  ASSIGN_OR_RETURN(auto policy, ReadLoggedPolicy(proven, sha256));
  if (!policy) return PolicyUnknown(sha256);
  return policy;
}

absl::StatusOr<std::optional<approval::Tally>> ApprovalSource::TallyOf(
    const approval::Review& review) const {
  ASSIGN_OR_RETURN(const auto found, PolicyOf(review));
  if (!found) return std::optional<approval::Tally>();
  ASSIGN_OR_RETURN(const auto words, WordsOf(review));
  const v1::SigningEvent* const last =
      review.last_release ? &review.last_release->entry.signing() : nullptr;
  approval::Tally tally = approval::CountHere(
      *found->policy, key_.origin(), review.pending, last, words, absl::Now());
  tally.policy_index = found->index;
  return std::optional<approval::Tally>(std::move(tally));
}

absl::StatusOr<approval::Review> ApprovalSource::Prove(
    v1::ApprovalRequest request) const {
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key_));
  ASSIGN_OR_RETURN(approval::Review review, Judge(std::move(request)));
  ASSIGN_OR_RETURN(const TrustedCheckpoint now,
                   key_.OpenReceipt(review.request.receipt(),
                                    review.request.pending().entry()));
  RETURN_IF_ERROR(memory.Accept(connection_, now));
  ASSIGN_OR_RETURN(review.last_release, LastReleaseOf(review));
  ASSIGN_OR_RETURN(review.tally, TallyOf(review));
  return review;
}

absl::StatusOr<ApprovalSource::Page> ApprovalSource::List(
    const v1::ListRequestsRequest& request) const {
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key_));
  const auto stub = v1::ApprovalService::NewStub(connection_.channel());
  ASSIGN_OR_RETURN(
      v1::ListRequestsReply reply,
      connection_.Unary(*stub, &v1::ApprovalService::Stub::ListRequests,
                        request));
  Page page;
  page.next = reply.next();
  for (v1::ApprovalRequest& each : *reply.mutable_requests()) {
    ASSIGN_OR_RETURN(approval::Review review, Judge(std::move(each)));
    ASSIGN_OR_RETURN(const TrustedCheckpoint now,
                     key_.OpenReceipt(review.request.receipt(),
                                      review.request.pending().entry()));
    RETURN_IF_ERROR(memory.Accept(connection_, now));
    page.reviews.push_back(std::move(review));
  }
  return page;
}

absl::StatusOr<approval::Review> ApprovalSource::Get(
    const std::string& id) const {
  v1::GetRequestRequest request;
  if (trust::IsWholeSubject(id)) {
    request.set_subject_sha256(absl::HexStringToBytes(id));
  } else {
    request.set_id(id);
  }
  const auto stub = v1::ApprovalService::NewStub(connection_.channel());
  ASSIGN_OR_RETURN(v1::ApprovalRequest found,
                   connection_.Unary(
                       *stub, &v1::ApprovalService::Stub::GetRequest, request));
  ASSIGN_OR_RETURN(approval::Review review, Prove(std::move(found)));
  // What the server found has to be what was asked for.
  if (!trust::IsNamed(id, review.pending.subject,
                      review.pending.entry.request_id())) {
    return base::Precondition(
        "REQUEST_DIFFERS",
        absl::StrCat("asked for ", id, ", the server shows ",
                     absl::BytesToHexString(review.pending.subject)));
  }
  return review;
}

absl::StatusOr<v1::SubmitApprovalReply> ApprovalSource::Submit(
    const v1::DsseEnvelope& envelope) const {
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key_));
  v1::SubmitApprovalRequest request;
  *request.mutable_envelope() = envelope;
  const auto stub = v1::ApprovalService::NewStub(connection_.channel());
  ASSIGN_OR_RETURN(
      v1::SubmitApprovalReply reply,
      connection_.Unary(*stub, &v1::ApprovalService::Stub::SubmitApproval,
                        request));
  ASSIGN_OR_RETURN(const std::string bytes, EntryOfReceipt(reply.receipt()));
  ASSIGN_OR_RETURN(const TrustedCheckpoint now,
                   key_.OpenReceipt(reply.receipt(), bytes));
  RETURN_IF_ERROR(CheckRecorded(bytes, envelope));
  RETURN_IF_ERROR(AfterLogging(memory.Accept(connection_, now), "the statement",
                               "it needs not be given again"));
  return reply;
}

}  // namespace bootseal::cli
