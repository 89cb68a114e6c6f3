#include "server/approval_requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "server/audit/standing.h"
#include "server/trust/behind.h"
#include "server/trust/entry.h"
#include "server/trust/request_name.h"

namespace bootseal::server {
namespace {

constexpr std::uint32_t kMostListed = 100;
// As AuditService cuts its pages.
constexpr std::size_t kMaxPageBytes = 2 << 20;

absl::Status Unknown(absl::string_view what) {
  return base::NotFound(
      "UNKNOWN_REQUEST",
      absl::StrCat("no request \"", absl::CHexEscape(what),
                   "\" waits that you asked for or may approve"));
}

// What is known of the request that entry `index` made wait: what came before
// the next time that the same was asked for.
absl::StatusOr<trust::History> HistoryAt(
    const std::vector<audit::StoredRecord>& about, std::uint64_t index) {
  std::vector<audit::StoredRecord> until;
  for (const audit::StoredRecord& each : about) {
    if (each.index > index) {
      ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(each.entry));
      if (trust::TermsOf(entry).decision == v1::PENDING) break;
    }
    until.push_back(each);
  }
  return audit::HistoryOf(until);
}

v1::RequestState StateOf(const trust::History& history,
                         const trust::Quorum& quorum,
                         const trust::Demand& demand, std::int64_t now) {
  if (history.done) return v1::DONE;
  if (quorum.denial) return v1::DENIED;
  if (!trust::IsOpen(history.pending->entry, now)) return v1::EXPIRED;
  const bool enough = quorum.people.size() >= demand.needed;
  return enough && demand.needed > 0 ? v1::APPROVED : v1::WAITING;
}

v1::LogEntry ToMessage(std::uint64_t index, std::string entry) {
  v1::LogEntry message;
  message.set_index(index);
  message.set_entry(std::move(entry));
  return message;
}

void AddEntries(const std::vector<audit::StoredRecord>& about,
                const trust::History& history, v1::ApprovalRequest& to) {
  for (const audit::StoredRecord& each : about) {
    const auto is_it = [&each](const trust::RecordedApproval& approval) {
      return approval.index == each.index;
    };
    if (std::any_of(history.approvals.begin(), history.approvals.end(),
                    is_it)) {
      *to.add_approvals() = ToMessage(each.index, each.entry);
    }
  }
}

}  // namespace

trust::Matter MatterNow(const trust::Policy& policy, const std::string& origin,
                        const trust::Recorded& pending,
                        const v1::SigningEvent* last_release) {
  trust::Demand demand;
  if (pending.entry.has_key()) {
    demand = trust::DemandOf(policy.proto().key_approvals());
  } else if (const v1::Target* const target =
                 policy.FindTarget(pending.entry.signing().target())) {
    demand = trust::DemandOf(
        *target, trust::LoweringOf(pending.entry.signing(), last_release));
  }
  return trust::MatterOf(policy, origin, pending, v1::Caller(),
                         std::move(demand));
}

std::int64_t ApprovalRequests::Now() const {
  return absl::ToUnixMillis(environment_.clock.Now());
}

bool ApprovalRequests::MaySee(const trust::Recorded& pending,
                              const trust::Matter& matter) const {
  const v1::Caller& asked = pending.entry.caller();
  const std::string& who = caller_.identity();
  if (who == asked.identity()) return true;
  const auto behind = trust::PeopleBehind(policy_.policy(), asked);
  if (std::count(behind.begin(), behind.end(), who) != 0) return true;
  return trust::IsApprover(policy_.policy(), matter, who) ||
         policy_.judge().Allow(caller_, v1::READ_LOG).ok();
}

absl::StatusOr<v1::ApprovalRequest> ApprovalRequests::Describe(
    const std::string& subject, std::uint64_t index) const {
  ASSIGN_OR_RETURN(const auto about, environment_.log.About(subject));
  ASSIGN_OR_RETURN(const trust::History history, HistoryAt(about, index));
  if (!history.pending || history.pending->index != index) {
    return Unknown(absl::BytesToHexString(subject));
  }
  const trust::Recorded& pending = *history.pending;
  std::optional<audit::StoredRecord> last;
  audit::Release release;
  if (pending.entry.has_signing() && !history.done) {
    ASSIGN_OR_RETURN(
        last, environment_.log.LastRelease(pending.entry.signing().target()));
    if (last) {
      ASSIGN_OR_RETURN(release, audit::ReleaseOf(*last));
    }
  }
  const trust::Matter matter = MatterNow(
      policy_.policy(), environment_.log.origin(), pending, release.get());
  if (!MaySee(pending, matter)) return Unknown(absl::BytesToHexString(subject));
  const std::int64_t now = Now();
  const trust::Quorum quorum =
      trust::CountApprovals(policy_.policy(), matter, history.approvals, now);
  ASSIGN_OR_RETURN(const audit::Receipt receipt, environment_.log.Prove(index));
  v1::ApprovalRequest to;
  *to.mutable_pending() = ToMessage(index, receipt.entry());
  to.set_receipt(receipt.text());
  to.set_state(StateOf(history, quorum, matter.demand, now));
  to.set_needed(matter.demand.needed);
  to.mutable_counted()->Assign(quorum.people.begin(), quorum.people.end());
  AddEntries(about, history, to);
  if (last) *to.mutable_last_release() = ToMessage(last->index, last->entry);
  to.set_origin(environment_.log.origin());
  to.set_policy_sha256(policy_.policy().sha256());
  to.set_approval_seconds(matter.demand.seconds);
  to.set_caller(caller_.identity());
  to.set_caller_may_approve(
      (to.state() == v1::WAITING || to.state() == v1::APPROVED) &&
      trust::MayApprove(policy_.policy(), matter, caller_.identity()));
  return to;
}

absl::StatusOr<v1::ApprovalRequest> ApprovalRequests::Newest(
    const std::string& subject) const {
  ASSIGN_OR_RETURN(const auto about, environment_.log.About(subject));
  ASSIGN_OR_RETURN(const trust::History history, audit::HistoryOf(about));
  if (!history.pending) return Unknown(absl::BytesToHexString(subject));
  return Describe(subject, history.pending->index);
}

absl::StatusOr<v1::ApprovalRequest> ApprovalRequests::Find(
    const v1::GetRequestRequest& request) const {
  if (!request.subject_sha256().empty()) {
    return Newest(request.subject_sha256());
  }
  const std::string& id = request.id();
  if (id.empty()) {
    return base::Invalid("REQUEST_MISSING", "id",
                         "which request? give its subject, at least 8 digits "
                         "of that, or its request id");
  }
  if (trust::IsWholeSubject(id)) {
    return Newest(absl::HexStringToBytes(id));
  }
  return FindById(id);
}

// Among those that are not yet at their end.
absl::StatusOr<v1::ApprovalRequest> ApprovalRequests::FindById(
    const std::string& id) const {
  ASSIGN_OR_RETURN(const auto open, environment_.pending.Open(Now()));
  std::optional<v1::ApprovalRequest> found;
  for (const PendingRequest& each : open) {
    if (!trust::IsNamed(id, each.subject, each.request_id)) continue;
    auto described = Describe(each.subject, each.index);
    if (absl::IsNotFound(described.status())) continue;
    RETURN_IF_ERROR(described.status());
    if (found) {
      return base::Invalid("REQUEST_AMBIGUOUS", "id",
                           absl::StrCat("\"", id,
                                        "\" names several requests that wait; "
                                        "give more digits of the subject"));
    }
    found = *std::move(described);
  }
  if (!found && trust::IsSubjectDigits(id)) {
    return base::Annotate(
        Unknown(id),
        "taken for digits of a subject; a request id of hexadecimal digits "
        "alone is written id:...");
  }
  if (!found) return Unknown(id);
  return *std::move(found);
}

absl::StatusOr<std::vector<PendingRequest>> ApprovalRequests::Candidates(
    const v1::ListRequestsRequest& request) const {
  if (!request.all()) return environment_.pending.Open(Now());
  audit::Filter filter;
  filter.start = request.start();
  filter.target = request.target();
  filter.decision = v1::PENDING;
  filter.limit = 1000;
  ASSIGN_OR_RETURN(const auto records, environment_.log.List(filter));
  std::vector<PendingRequest> candidates;
  for (const audit::StoredRecord& each : records) {
    ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(each.entry));
    candidates.push_back({each.index, entry.caller().identity(),
                          entry.request_id(), trust::TermsOf(entry).subject,
                          0});
  }
  return candidates;
}

absl::StatusOr<v1::ListRequestsReply> ApprovalRequests::List(
    const v1::ListRequestsRequest& request) const {
  const int most = static_cast<int>(
      request.limit() == 0 ? kMostListed
                           : std::min(request.limit(), kMostListed));
  ASSIGN_OR_RETURN(const auto candidates, Candidates(request));
  v1::ListRequestsReply reply;
  std::size_t bytes = 0;
  for (const PendingRequest& each : candidates) {
    // Entries of servers that made nothing wait have no subject.
    if (each.index < request.start() || each.subject.empty()) continue;
    auto described = Describe(each.subject, each.index);
    if (absl::IsNotFound(described.status())) continue;
    RETURN_IF_ERROR(described.status());
    if (!request.all() && described->state() != v1::WAITING) continue;
    ASSIGN_OR_RETURN(const v1::Entry entry,
                     trust::DecodeEntry(described->pending().entry()));
    if (!request.target().empty() &&
        entry.signing().target() != request.target()) {
      continue;
    }
    bytes += described->ByteSizeLong();
    if (reply.requests_size() == most ||
        (bytes > kMaxPageBytes && reply.requests_size() > 0)) {
      reply.set_next(each.index);
      return reply;
    }
    *reply.add_requests() = *std::move(described);
  }
  if (request.all() && candidates.size() == 1000) {
    reply.set_next(candidates.back().index + 1);
  }
  return reply;
}

}  // namespace bootseal::server
