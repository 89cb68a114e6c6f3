#include "server/key_changes.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "server/audit/record.h"
#include "server/audit/standing.h"
#include "server/refusals.h"
#include "server/trust/approval.h"
#include "server/trust/behind.h"
#include "server/trust/entry.h"
#include "server/trust/key_transcript.h"
#include "server/trust/quorum.h"

namespace bootseal::server {
namespace {

constexpr char kRule[] = "key_approvals";

v1::ChangeKeyReply Reply(const std::string& subject, std::uint64_t pending) {
  v1::ChangeKeyReply reply;
  reply.set_subject_sha256(subject);
  reply.set_pending_index(pending);
  return reply;
}

v1::ChangeKeyReply Done(v1::ChangeKeyReply reply) {
  reply.set_done(true);
  return reply;
}

absl::Status Denied(const trust::Denial& denial) {
  return base::Refused("REQUEST_DENIED",
                       absl::StrCat(denial.approver, " denied it (log entry ",
                                    denial.index, "): ", denial.reason,
                                    "; under another id it is the same "
                                    "question, which the policy's "
                                    "revoked_approvals can open again"));
}

// Another call was faster: what it did is what the next look finds.
absl::Status ChangedMeanwhile() {
  return base::Unavailable("LOG_CHANGED",
                           "the request changed meanwhile; ask again");
}

// The key, or the policy's pin of it, may be another by now.
absl::Status CheckStillMeant(const trust::Policy& policy,
                             const trust::KeyHistory& states,
                             const trust::Recorded& pending) {
  const v1::KeyChange& change = pending.entry.key().change();
  ASSIGN_OR_RETURN(const v1::KeyChange now_asked,
                   trust::ResolveKeyChange(policy, states, change));
  const std::string& identity = pending.entry.caller().identity();
  if (trust::SubjectOf(identity, now_asked) ==
          pending.entry.key().subject_sha256() &&
      !states.ChangedAfter(pending.index, change)) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "KEY_CHANGE_STALE",
      absl::StrCat("key ", change.key(),
                   ", the key it replaces or the policy's pin changed since "
                   "this was asked; ask again"));
}

// What was done, and what is asked: without a transcript whichever it was.
bool IsSame(const v1::KeyChange& a, const v1::KeyChange& b) {
  return a.action() == b.action() && a.key() == b.key() &&
         a.replaces() == b.replaces() &&
         (b.transcript_sha256().empty() ||
          a.transcript_sha256() == b.transcript_sha256());
}

}  // namespace

absl::StatusOr<v1::ChangeKeyReply> KeyChanges::Ask(
    const trust::Policy& policy, const v1::Caller& caller,
    const v1::ChangeKeyRequest& request) {
  ASSIGN_OR_RETURN(const trust::KeyHistory states, states_.Current());
  v1::KeyChange asked = request.change();
  asked.set_transcript_sha256(trust::TranscriptHash(request.transcript()));
  auto change = trust::ResolveKeyChange(policy, states, asked);
  if (!change.ok()) return DoneBefore(policy, asked, change.status());
  RETURN_IF_ERROR(trust::CheckTranscript(*change, request.transcript()));
  RETURN_IF_ERROR(trust::CheckBehindKnown(policy, caller));
  const std::string subject = trust::SubjectOf(caller.identity(), *change);
  const Order order{caller, Shortened(request.request_id()), *std::move(change),
                    subject, request.transcript()};
  ASSIGN_OR_RETURN(const trust::History history, HistoryOf(subject));
  const std::int64_t now = absl::ToUnixMillis(clock_.Now());
  // What was approved before the key changed is no word on what it is now.
  const bool waits = history.pending && !history.done &&
                     trust::IsOpen(history.pending->entry, now) &&
                     !states.ChangedAfter(history.pending->index, order.change);
  if (waits) return Advance(policy, order, history);
  std::optional<std::uint64_t> before;
  if (history.pending) before = history.pending->index;
  return Await(policy, order, before);
}

absl::Status KeyChanges::Complete(const trust::Policy& policy,
                                  const std::string& subject) {
  ASSIGN_OR_RETURN(const trust::History history, HistoryOf(subject));
  if (!history.pending || history.done || !history.pending->entry.has_key()) {
    return absl::OkStatus();
  }
  const v1::Entry& pending = history.pending->entry;
  const Order order{pending.caller(), pending.request_id(),
                    pending.key().change(), subject, ""};
  return Advance(policy, order, history).status();
}

// The command that asked, given again after everything is done.
absl::StatusOr<v1::ChangeKeyReply> KeyChanges::DoneBefore(
    const trust::Policy& policy, const v1::KeyChange& asked,
    const absl::Status& otherwise) {
  const v1::PinnedKey* const key = policy.FindKey(asked.key());
  if (key == nullptr) return otherwise;
  ASSIGN_OR_RETURN(const std::optional<audit::StoredRecord> last,
                   log_.LastOfKey(asked.key(), v1::Entry::kKey, v1::ALLOWED));
  if (!last) return otherwise;
  ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(last->entry));
  const v1::KeyEvent& event = entry.key();
  ASSIGN_OR_RETURN(const trust::KeyHistory states, states_.Current());
  const bool serves = trust::CheckServes(policy, states, *key).ok();
  if (!IsSame(event.change(), asked) ||
      serves != (asked.action() != v1::RETIRE)) {
    return otherwise;
  }
  return Done(Reply(event.subject_sha256(), event.pending_index()));
}

absl::StatusOr<trust::History> KeyChanges::HistoryOf(
    const std::string& subject) {
  ASSIGN_OR_RETURN(const auto records, log_.About(subject));
  return audit::HistoryOf(records);
}

absl::StatusOr<v1::ChangeKeyReply> KeyChanges::Await(
    const trust::Policy& policy, const Order& order,
    std::optional<std::uint64_t> before) {
  const trust::Demand demand = trust::DemandOf(policy.proto().key_approvals());
  v1::KeyEvent event;
  event.set_decision(v1::PENDING);
  event.set_transcript(order.transcript);
  event.set_approvals_needed(demand.needed);
  event.set_expires_unix_ms(
      absl::ToUnixMillis(clock_.Now() + absl::Seconds(demand.seconds)));
  const auto recheck = [&](const trust::History& then,
                           const trust::KeyHistory& states) -> absl::Status {
    RETURN_IF_ERROR(
        trust::ResolveKeyChange(policy, states, order.change).status());
    const bool another =
        then.pending && (!before || then.pending->index > *before);
    return another ? ChangedMeanwhile() : absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const std::uint64_t index,
                   Append(policy, order, std::move(event), recheck));
  return Reply(order.subject, index);
}

absl::StatusOr<v1::ChangeKeyReply> KeyChanges::Advance(
    const trust::Policy& policy, const Order& order,
    const trust::History& history) {
  const trust::Recorded& pending = *history.pending;
  const std::int64_t now = absl::ToUnixMillis(clock_.Now());
  if (!policy.proto().has_key_approvals() ||
      !trust::IsOpen(pending.entry, now)) {
    return Reply(order.subject, pending.index);
  }
  const trust::Matter matter =
      trust::MatterOf(policy, log_.origin(), pending, order.caller,
                      trust::DemandOf(policy.proto().key_approvals()));
  const trust::Quorum quorum =
      trust::CountApprovals(policy, matter, history.approvals, now);
  if (quorum.denial) return Denied(*quorum.denial);
  if (quorum.people.size() < matter.demand.needed) {
    return Reply(order.subject, pending.index);
  }
  ASSIGN_OR_RETURN(const trust::KeyHistory states, states_.Current());
  RETURN_IF_ERROR(CheckStillMeant(policy, states, pending));
  v1::KeyEvent event;
  event.set_decision(v1::ALLOWED);
  event.set_pending_index(pending.index);
  event.set_approvals_needed(matter.demand.needed);
  event.mutable_approval_indices()->Assign(quorum.indices.begin(),
                                           quorum.indices.end());
  const auto recheck =
      [&](const trust::History& then,
          const trust::KeyHistory& states_then) -> absl::Status {
    if (then.done || !then.pending || then.pending->index != pending.index) {
      return ChangedMeanwhile();
    }
    RETURN_IF_ERROR(CheckStillMeant(policy, states_then, pending));
    const trust::Quorum still =
        trust::CountApprovals(policy, matter, then.approvals, now);
    if (still.denial) return Denied(*still.denial);
    return still.indices == quorum.indices ? absl::OkStatus()
                                           : ChangedMeanwhile();
  };
  RETURN_IF_ERROR(Append(policy, order, std::move(event), recheck).status());
  return Done(Reply(order.subject, pending.index));
}

absl::StatusOr<std::uint64_t> KeyChanges::Append(const trust::Policy& policy,
                                                 const Order& order,
                                                 v1::KeyEvent event,
                                                 Recheck recheck) {
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(clock_.Now()));
  *entry.mutable_caller() = order.caller;
  entry.set_request_id(order.request_id);
  entry.set_policy_sha256(policy.sha256());
  *event.mutable_change() = order.change;
  event.set_rule(kRule);
  event.set_subject_sha256(order.subject);
  *entry.mutable_key() = std::move(event);
  ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
  record.recheck = [this,
                    recheck](const audit::Standing& standing) -> absl::Status {
    ASSIGN_OR_RETURN(const trust::History then,
                     audit::HistoryOf(standing.about));
    ASSIGN_OR_RETURN(const trust::KeyHistory states, states_.Before(standing));
    return recheck(then, states);
  };
  ASSIGN_OR_RETURN(const audit::Receipt receipt,
                   log_.Append(std::move(record)));
  return receipt.index();
}

}  // namespace bootseal::server
