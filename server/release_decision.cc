#include "server/release_decision.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "server/audit/record.h"
#include "server/rpc_status.h"
#include "server/trust/entry.h"
#include "server/trust/ruling.h"
#include "server/trust/target_format.h"

namespace bootseal::server {
namespace {

constexpr char kPendingAlready[] = "PENDING_ALREADY";

// Whether the rollback guard has something to say.
bool Deviates(const v1::Target& target, const v1::SigningEvent& asked,
              const v1::SigningEvent* last_release) {
  const auto lowering = trust::LoweringOf(asked, last_release);
  return lowering.security_counter_from || lowering.version_from ||
         trust::LeapFrom(target, asked, last_release);
}

void AddLowering(const trust::Lowering& lowering, v1::SigningEvent& signing) {
  if (const auto& from = lowering.security_counter_from) {
    signing.set_lowers_security_counter_from(*from);
  }
  if (const auto& from = lowering.version_from) {
    signing.set_lowers_version_from(*from);
  }
}

bool SameLowering(const trust::Lowering& one, const trust::Lowering& other) {
  return one.security_counter_from == other.security_counter_from &&
         one.version_from == other.version_from;
}

// What the entry says of the last release is still so.
bool CarriesOn(const v1::SigningEvent& asked, const v1::SigningEvent* seen,
               const v1::SigningEvent* last_release) {
  if (!asked.has_security_counter() &&
      trust::CounterBefore(last_release) != trust::CounterBefore(seen)) {
    return false;
  }
  return !asked.has_verdict() ||
         trust::VersionBefore(last_release) == trust::VersionBefore(seen);
}

absl::StatusCode CodeOf(const trust::Ruling& ruling) {
  return ruling.code == "REQUEST_DENIED" || ruling.code == "BEHIND_UNKNOWN"
             ? absl::StatusCode::kPermissionDenied
             : absl::StatusCode::kFailedPrecondition;
}

}  // namespace

absl::StatusOr<trust::Facts> FactsOf(audit::Log& log, const base::Clock& clock,
                                     const v1::Target& target,
                                     const v1::SigningEvent& asked) {
  trust::Facts facts;
  facts.origin = log.origin();
  facts.now_unix_ms = absl::ToUnixMillis(clock.Now());
  ASSIGN_OR_RETURN(facts.last_release, log.RememberedRelease(target.name()));
  if (!Deviates(target, asked, facts.last_release.get())) return facts;
  // Before a refusal, what other servers released since.
  ASSIGN_OR_RETURN(const auto stored, log.LastRelease(target.name()));
  facts.last_release.reset();
  if (!stored) return facts;
  ASSIGN_OR_RETURN(facts.last_release, audit::ReleaseOf(*stored));
  return facts;
}

ReleaseDecision::ReleaseDecision(const Services& services,
                                 std::shared_ptr<const PolicyInForce> policy,
                                 const v1::Caller& caller,
                                 v1::SigningEvent asked)
    : services_(services),
      policy_(std::move(policy)),
      caller_(caller),
      asked_(std::move(asked)),
      target_(*policy_->policy().FindTarget(asked_.target())) {}

std::int64_t ReleaseDecision::Now() const {
  return absl::ToUnixMillis(services_.clock.Now());
}

// The request is admitted, and is once more before anything is signed.
trust::Ruling ReleaseDecision::Judge(const trust::Facts& facts) const {
  return trust::RuleOn(policy_->policy(), target_, caller_, asked_, facts);
}

bool ReleaseDecision::IsDenied() const {
  return !services_.denials.empty() &&
         services_.denials.Have(trust::SubjectOf(caller_.identity(), asked_));
}

absl::Status ReleaseDecision::Decide() {
  ASSIGN_OR_RETURN(facts_,
                   FactsOf(services_.log, services_.clock, target_, asked_));
  const trust::Demand demand = trust::DemandOf(
      target_, trust::LoweringOf(asked_, facts_.last_release.get()));
  if (demand.needed > 0 || IsDenied()) {
    subject_ = trust::SubjectOf(caller_.identity(), asked_);
    ASSIGN_OR_RETURN(const auto about, services_.log.About(subject_));
    ASSIGN_OR_RETURN(facts_.history, audit::HistoryOf(about));
  }
  ruling_ = Judge(facts_);
  // A denial that the policy revokes: there was nothing to ask.
  if (demand.needed == 0 && ruling_.decision == v1::ALLOWED) {
    subject_.clear();
    facts_.history = {};
  }
  return absl::OkStatus();
}

absl::Status ReleaseDecision::ToStatus() const {
  if (ruling_.decision == v1::ALLOWED) return absl::OkStatus();
  absl::Status status = WithRule(
      base::Fail(CodeOf(ruling_), ruling_.code, ruling_.reason), ruling_.rule);
  if (subject_.empty()) return status;
  status = WithDetail(status, "subject", absl::BytesToHexString(subject_));
  if (ruling_.decision != v1::PENDING) return status;
  status = WithDetail(status, "approvals_counted",
                      absl::StrCat(ruling_.quorum.people.size()));
  status = WithDetail(status, "approvals_needed",
                      absl::StrCat(ruling_.approvals_needed));
  if (!ruling_.pending_index) return status;
  return WithDetail(status, "pending_index",
                    absl::StrCat(*ruling_.pending_index));
}

absl::StatusOr<bool> ReleaseDecision::Wait(v1::Entry entry) {
  ASSIGN_OR_RETURN(audit::Record record, PendingRecord(std::move(entry)));
  const auto receipt = services_.log.Append(std::move(record));
  if (base::ReasonOf(receipt.status()) == kPendingAlready) return false;
  RETURN_IF_ERROR(receipt.status());
  ruling_.pending_index = receipt->index();
  return true;
}

absl::StatusOr<audit::Record> ReleaseDecision::PendingRecord(
    v1::Entry entry) const {
  const trust::Demand demand = trust::DemandOf(target_, ruling_.lowering);
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_decision(v1::PENDING);
  signing.set_rule(ruling_.rule);
  signing.set_subject_sha256(subject_);
  signing.set_approvals_needed(ruling_.approvals_needed);
  signing.set_expires_unix_ms(entry.time_unix_ms() +
                              std::int64_t{demand.seconds} * 1000);
  AddLowering(demand.lowering, signing);
  ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
  record.recheck = [this](const audit::Standing& standing) {
    return CheckPending(standing);
  };
  return record;
}

absl::Status ReleaseDecision::CheckPending(
    const audit::Standing& standing) const {
  const std::int64_t now = Now();
  ASSIGN_OR_RETURN(const trust::History history,
                   audit::HistoryOf(standing.about));
  // The same word as the one that made it wait.
  trust::Facts facts = facts_;
  facts.now_unix_ms = now;
  facts.history = history;
  facts.last_release = standing.last_release;
  const trust::Ruling ruling = Judge(facts);
  if (ruling.decision != v1::PENDING || ruling.pending_index ||
      !SameLowering(ruling.lowering, ruling_.lowering)) {
    return base::Fail(absl::StatusCode::kAborted, kPendingAlready,
                      "the request waits already, or need not any more");
  }
  ASSIGN_OR_RETURN(const std::size_t waiting,
                   services_.pending.CountWaiting(caller_.identity(), now));
  const std::size_t count = waiting + standing.pending_in_batch;
  if (count < services_.max_pending_per_identity) return absl::OkStatus();
  return base::Exhausted(
      "TOO_MANY_PENDING",
      absl::StrCat(caller_.identity(), " has ", count,
                   " requests that wait for approvals, at most ",
                   services_.max_pending_per_identity,
                   " may (limits.max_pending_per_identity); have some approved "
                   "or denied first"));
}

absl::Status ReleaseDecision::Changed() const {
  return base::Unavailable(
      "LOG_CHANGED", absl::StrCat("target ", target_.name(),
                                  " had another release meanwhile; ask again"));
}

absl::Status ReleaseDecision::CheckNotDenied(
    const audit::Standing& standing) const {
  RETURN_IF_ERROR(services_.denials.CatchUp(standing.size));
  if (standing.fresh.empty() && services_.denials.empty()) {
    return absl::OkStatus();
  }
  ReleaseDecision again = *this;
  again.subject_ = trust::SubjectOf(caller_.identity(), asked_);
  std::vector<audit::StoredRecord> about;
  if (!standing.fresh.empty() || services_.denials.Have(again.subject_)) {
    ASSIGN_OR_RETURN(about, services_.log.About(again.subject_));
  }
  if (about.empty()) return absl::OkStatus();
  for (const audit::StoredRecord& fresh : standing.fresh) {
    ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(fresh.entry));
    if (trust::TermsOf(entry).subject == again.subject_) about.push_back(fresh);
  }
  ASSIGN_OR_RETURN(again.facts_.history, audit::HistoryOf(about));
  again.facts_.now_unix_ms = Now();
  again.ruling_ = Judge(again.facts_);
  return again.ruling_.quorum.denial ? again.ToStatus() : absl::OkStatus();
}

absl::Status ReleaseDecision::CheckRelease(
    const audit::Standing& standing) const {
  for (const std::string& key : trust::KeysOf(target_)) {
    RETURN_IF_ERROR(
        policy_->CheckServes(*policy_->policy().FindKey(key), standing));
  }
  if (!CarriesOn(asked_, facts_.last_release.get(),
                 standing.last_release.get())) {
    return Changed();
  }
  if (subject_.empty()) RETURN_IF_ERROR(CheckNotDenied(standing));
  // Most releases: nothing to approve, nothing goes down or leaps.
  if (subject_.empty() &&
      !Deviates(target_, asked_, standing.last_release.get())) {
    return absl::OkStatus();
  }
  ReleaseDecision again = *this;
  again.facts_.last_release = standing.last_release;
  again.facts_.now_unix_ms = Now();
  ASSIGN_OR_RETURN(again.facts_.history, audit::HistoryOf(standing.about));
  if (!subject_.empty() && again.facts_.history.done) {
    return base::Fail(absl::StatusCode::kAborted, kReleasedAlready,
                      absl::StrCat("log entry ", *again.facts_.history.done,
                                   " released this request"));
  }
  again.ruling_ = Judge(again.facts_);
  RETURN_IF_ERROR(again.ToStatus());
  const bool as_written =
      again.ruling_.approvals_needed == ruling_.approvals_needed &&
      again.ruling_.pending_index == ruling_.pending_index &&
      (ruling_.approvals_needed == 0 ||
       SameLowering(again.ruling_.lowering, ruling_.lowering));
  if (as_written) return absl::OkStatus();
  return Changed();
}

void ReleaseDecision::AddTo(v1::SigningEvent& signing) const {
  if (ruling_.decision == v1::REFUSED) {
    signing.set_rule(ruling_.rule);
    AddLowering(ruling_.lowering, signing);
  }
  if (signing.decision() == v1::ALLOWED && !signing.has_security_counter()) {
    signing.set_security_counter_before(
        trust::CounterBefore(facts_.last_release.get()));
  }
  if (signing.decision() == v1::ALLOWED && signing.has_verdict()) {
    signing.set_version_before(trust::VersionBefore(facts_.last_release.get()));
  }
  if (subject_.empty()) return;
  signing.set_approvals_needed(ruling_.approvals_needed);
  if (facts_.history.pending) {
    signing.set_pending_index(facts_.history.pending->index);
  }
  if (const auto& denial = ruling_.quorum.denial) {
    signing.add_approval_indices(denial->index);
  }
  if (signing.decision() != v1::ALLOWED) return;
  signing.set_rule(ruling_.rule);
  // Refusals have none: how many there are is the requester's to choose, and
  // all entries of a subject are read for each decision.
  signing.set_subject_sha256(subject_);
  for (const std::uint64_t index : ruling_.quorum.indices) {
    signing.add_approval_indices(index);
  }
  AddLowering(trust::DemandOf(target_, ruling_.lowering).lowering, signing);
}

}  // namespace bootseal::server
