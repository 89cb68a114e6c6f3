#include "client/review/approval_checks.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/review/links.h"
#include "server/trust/behind.h"

namespace bootseal::review {
namespace {

// What a request that states no end is given.
constexpr std::int64_t kWeekMs = 7 * 86'400'000;
// Beyond their end requests are held for so long, to say that they ended.
constexpr std::int64_t kSlackMs = 86'400'000;

v1::Decision DecisionOf(const v1::Entry& entry) {
  return entry.has_key() ? entry.key().decision() : entry.signing().decision();
}

absl::Status CheckStatedSubject(const v1::Entry& entry) {
  if (StatedSubjectOf(entry) == SubjectOf(entry)) return absl::OkStatus();
  return base::Precondition("SUBJECT_MISSTATED",
                            "what it says is to be approved is not what its "
                            "requester, request and digests give");
}

}  // namespace

absl::Status ApprovalChecks::Take(const Position& at, Findings& findings) {
  lower_counter_ = false;
  lower_version_ = false;
  const v1::Entry& entry = at.entry;
  Forget(entry.time_unix_ms());
  if (entry.has_approval()) {
    TakeApproval(at, findings);
    return absl::OkStatus();
  }
  if (!entry.has_signing() && !entry.has_key()) return absl::OkStatus();
  const FindingClass kind =
      entry.has_key() ? FindingClass::kKey : FindingClass::kApproval;
  if (DecisionOf(entry) == v1::PENDING) {
    TakePending(at, kind,
                entry.has_key() ? entry.key().expires_unix_ms()
                                : entry.signing().expires_unix_ms(),
                findings);
  }
  if (DecisionOf(entry) == v1::ALLOWED) TakeDone(at, kind, findings);
  return absl::OkStatus();
}

void ApprovalChecks::TakePending(const Position& at, FindingClass kind,
                                 std::int64_t expires, Findings& findings) {
  // Of a server that took no approvals yet: nothing can come of it.
  if (StatedSubjectOf(at.entry).empty()) return;
  findings.Add(kind, at.index, CheckStatedSubject(at.entry));
  Waiting waiting;
  waiting.subject = StatedSubjectOf(at.entry);
  waiting.caller = at.entry.caller();
  if (expires == 0) expires = at.entry.time_unix_ms() + kWeekMs;
  waiting.ends_unix_ms = expires;
  waiting_.emplace(at.index, std::move(waiting));
  ends_.emplace(expires, at.index);
}

void ApprovalChecks::TakeApproval(const Position& at, Findings& findings) {
  const v1::ApprovalEvent& event = at.entry.approval();
  const auto found = waiting_.find(event.pending_index());
  if (found == waiting_.end() ||
      found->second.subject != event.subject_sha256()) {
    findings.Add(FindingClass::kApproval, at.index,
                 base::Precondition(
                     "APPROVAL_OF_NOTHING",
                     absl::StrCat("speaks of entry ", event.pending_index(),
                                  ", where no such request waits")));
    return;
  }
  if (at.policy == nullptr) return;
  const auto opened = OpenApproval(*at.policy, event);
  findings.Add(FindingClass::kApproval, at.index, opened.status());
  found->second.approvals.emplace(at.index, event);
  if (opened.ok() && opened->statement.verdict() == v1::DENY) {
    denials_.emplace(
        event.subject_sha256(),
        Denial{at.index, opened->statement.not_after_unix_ms(), event});
  }
}

absl::Status ApprovalChecks::CheckPending(const v1::Entry& entry,
                                          const Waiting& waiting) const {
  if (waiting.subject != SubjectOf(entry) ||
      waiting.caller.identity() != entry.caller().identity()) {
    return base::Precondition("PENDING_DIFFERS",
                              "not what waited for approvals: requester, "
                              "request or digests are others");
  }
  if (entry.time_unix_ms() - kSkewMs >= waiting.ends_unix_ms) {
    return base::Precondition("PENDING_ENDED",
                              "its request had ended before: nobody may have "
                              "it any more");
  }
  return CheckStatedSubject(entry);
}

absl::Status ApprovalChecks::CheckDenials(const trust::Policy& policy,
                                          const Question& question) const {
  const auto [first, last] = denials_.equal_range(SubjectOf(question.entry));
  for (auto each = first; each != last; ++each) {
    const Denial& denial = each->second;
    if (!CheckWord(policy, question, denial.event).ok()) continue;
    if (denial.ends_unix_ms <= question.entry.time_unix_ms() + kSkewMs) {
      continue;
    }
    return base::Precondition(
        "APPROVAL_DENIED",
        absl::StrCat("allowed, although entry ", denial.index, " denies it"));
  }
  return absl::OkStatus();
}

void ApprovalChecks::TakeDone(const Position& at, FindingClass kind,
                              Findings& findings) {
  if (at.policy == nullptr) return;
  Question question = QuestionOf(origin_, *at.policy, at.entry);
  const Links links = LinksOf(at.entry);
  if (!links.pending) {
    findings.Add(kind, at.index, CheckDenials(*at.policy, question));
    if (question.needed == 0 && links.approvals.empty()) return;
    findings.Add(kind, at.index,
                 base::Precondition(
                     "APPROVALS_MISSING",
                     absl::StrCat("allowed without approvals, the policy ",
                                  "demands ", question.needed)));
    return;
  }
  const auto found = waiting_.find(*links.pending);
  if (found == waiting_.end()) {
    findings.Add(kind, at.index,
                 base::Precondition(
                     "PENDING_UNKNOWN",
                     absl::StrCat("names entry ", *links.pending,
                                  " as its request, where none waits, or none "
                                  "any more")));
    return;
  }
  for (std::string& name :
       trust::PeopleBehind(*at.policy, found->second.caller)) {
    question.excluded.push_back(std::move(name));
  }
  absl::Status behind = trust::CheckBehindKnown(*at.policy, at.entry.caller());
  behind.Update(trust::CheckBehindKnown(*at.policy, found->second.caller));
  findings.Add(kind, at.index, behind);
  findings.Add(kind, at.index, CheckPending(at.entry, found->second));
  findings.Add(kind, at.index, CheckDenials(*at.policy, question));
  Count(at, kind, question, found->second, findings);
}

void ApprovalChecks::Count(const Position& at, FindingClass kind,
                           const Question& question, const Waiting& waiting,
                           Findings& findings) {
  std::set<std::string> people;
  bool counter = true;
  bool version = true;
  for (const std::uint64_t index : LinksOf(at.entry).approvals) {
    const auto approval = waiting.approvals.find(index);
    if (approval == waiting.approvals.end()) {
      findings.Add(
          kind, at.index,
          base::Precondition("APPROVAL_UNKNOWN",
                             absl::StrCat("counts entry ", index,
                                          ", which is no approval of it")));
      continue;
    }
    const auto counts = CountApproval(*at.policy, question, approval->second);
    if (!counts.ok()) {
      findings.Add(
          kind, at.index,
          base::Annotate(counts.status(),
                         absl::StrCat("approval ", index, " does not count")));
      continue;
    }
    people.insert(counts->statement.approver());
    counter &= counts->statement.allows_lower_security_counter();
    version &= counts->statement.allows_lower_version();
  }
  lower_counter_ = counter && !people.empty();
  lower_version_ = version && !people.empty();
  counted_ += people.size();
  if (people.size() >= question.needed) return;
  findings.Add(
      kind, at.index,
      base::Precondition(
          "APPROVALS_MISSING",
          absl::StrCat("has the approvals of ", people.size(),
                       people.size() == 1 ? " person" : " people",
                       people.empty() ? "" : " (", absl::StrJoin(people, ", "),
                       people.empty() ? "" : ")", ", the policy demands ",
                       question.needed)));
}

void ApprovalChecks::Forget(std::int64_t now_unix_ms) {
  while (!ends_.empty() && ends_.begin()->first + kSlackMs < now_unix_ms) {
    waiting_.erase(ends_.begin()->second);
    ends_.erase(ends_.begin());
  }
  std::erase_if(denials_, [now_unix_ms](const auto& each) {
    return each.second.ends_unix_ms + kSlackMs < now_unix_ms;
  });
}

}  // namespace bootseal::review
