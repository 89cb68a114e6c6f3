#include "server/approval_submission.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "server/approval_requests.h"
#include "server/audit/record.h"
#include "server/trust/approval.h"

namespace bootseal::server {
namespace {

absl::Status CheckPolicy(const trust::Policy& policy,
                         const v1::ApprovalStatement& statement) {
  if (statement.policy_sha256() == policy.sha256()) return absl::OkStatus();
  return base::Precondition(
      "POLICY_DIFFERS",
      absl::StrCat("approval was signed under policy ",
                   absl::BytesToHexString(statement.policy_sha256()),
                   ", in force is ", absl::BytesToHexString(policy.sha256()),
                   "; look at the request again and sign anew"));
}

absl::Status CheckWaits(const trust::History& history, std::int64_t now) {
  if (!history.pending) {
    return base::NotFound("UNKNOWN_REQUEST",
                          "no request with the approval's subject waits");
  }
  if (history.done) {
    return base::Precondition(
        "NOT_WAITING",
        absl::StrCat("the request is done since log entry ", *history.done));
  }
  if (trust::IsOpen(history.pending->entry, now)) return absl::OkStatus();
  return base::Precondition(
      "NOT_WAITING",
      absl::StrCat("the request of log entry ", history.pending->index,
                   " has expired; the requester has to ask "
                   "again"));
}

// Whoever signs the same twice, means one thing.
absl::Status CheckNotReplayed(const trust::History& history,
                              const v1::DsseEnvelope& envelope) {
  for (const trust::RecordedApproval& each : history.approvals) {
    if (each.event.envelope().payload() != envelope.payload()) continue;
    return base::Fail(
        absl::StatusCode::kAlreadyExists, "APPROVAL_REPLAYED",
        absl::StrCat("log entry ", each.index, " has this approval already"));
  }
  return absl::OkStatus();
}

absl::Status CheckNew(const trust::Quorum& quorum,
                      const v1::ApprovalStatement& statement) {
  if (const auto& denial = quorum.denial) {
    return base::Refused(
        "REQUEST_DENIED",
        absl::StrCat(denial->approver, " denied the request (log entry ",
                     denial->index, "): ", denial->reason));
  }
  const bool counts = std::count(quorum.people.begin(), quorum.people.end(),
                                 statement.approver()) != 0;
  if (!counts || statement.verdict() == v1::DENY) return absl::OkStatus();
  return base::Precondition(
      "ALREADY_APPROVED",
      absl::StrCat(statement.approver(), " approved the request already"));
}

}  // namespace

ApprovalSubmission::ApprovalSubmission(
    const Environment& environment, std::shared_ptr<const PolicyInForce> policy,
    v1::Caller carrier, v1::DsseEnvelope envelope)
    : environment_(environment),
      policy_(std::move(policy)),
      carrier_(std::move(carrier)),
      envelope_(std::move(envelope)) {
  const auto statement = trust::DecodeStatement(envelope_.payload());
  if (!statement.ok()) return;
  subject_ = statement->subject_sha256();
  target_ = statement->target();
}

absl::StatusOr<v1::ApprovalEvent> ApprovalSubmission::Judge(
    const trust::History& history, const v1::SigningEvent* last_release) const {
  const trust::Policy& policy = policy_->policy();
  const std::int64_t now = absl::ToUnixMillis(environment_.clock.Now());
  // Only approvers learn what waits.
  ASSIGN_OR_RETURN(const trust::SignedStatement word,
                   trust::OpenEnvelope(policy, envelope_));
  RETURN_IF_ERROR(CheckWaits(history, now));
  const trust::Matter matter = MatterNow(policy, environment_.log.origin(),
                                         *history.pending, last_release);
  RETURN_IF_ERROR(
      trust::CheckApproval(policy, matter, envelope_, now).status());
  RETURN_IF_ERROR(CheckPolicy(policy, word.statement));
  RETURN_IF_ERROR(CheckNotReplayed(history, envelope_));
  RETURN_IF_ERROR(
      CheckNew(trust::CountApprovals(policy, matter, history.approvals, now),
               word.statement));
  v1::ApprovalEvent event;
  *event.mutable_envelope() = envelope_;
  event.set_subject_sha256(word.statement.subject_sha256());
  event.set_target(word.statement.target());
  event.set_approver(word.approver->name());
  event.set_verdict(word.statement.verdict());
  event.set_pending_index(history.pending->index);
  return event;
}

absl::StatusOr<v1::ApprovalEvent> ApprovalSubmission::JudgeNow() const {
  ASSIGN_OR_RETURN(const auto about, environment_.log.About(subject_));
  ASSIGN_OR_RETURN(const trust::History history, audit::HistoryOf(about));
  audit::Release release;
  if (!target_.empty()) {
    ASSIGN_OR_RETURN(const auto last, environment_.log.LastRelease(target_));
    if (last) {
      ASSIGN_OR_RETURN(release, audit::ReleaseOf(*last));
    }
  }
  return Judge(history, release.get());
}

absl::Status ApprovalSubmission::Recheck(
    const audit::Standing& standing) const {
  ASSIGN_OR_RETURN(const trust::History history,
                   audit::HistoryOf(standing.about));
  return Judge(history, standing.last_release.get()).status();
}

absl::StatusOr<audit::Receipt> ApprovalSubmission::Append() {
  v1::Entry entry;
  ASSIGN_OR_RETURN(*entry.mutable_approval(), JudgeNow());
  entry.set_time_unix_ms(absl::ToUnixMillis(environment_.clock.Now()));
  *entry.mutable_caller() = carrier_;
  entry.set_policy_sha256(policy_->policy().sha256());
  ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
  record.recheck = [this](const audit::Standing& standing) {
    return Recheck(standing);
  };
  return environment_.log.Append(std::move(record));
}

}  // namespace bootseal::server
