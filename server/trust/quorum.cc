#include "server/trust/quorum.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "server/trust/behind.h"
#include "server/trust/parts.h"

namespace bootseal::trust {
namespace {

using Statement = v1::ApprovalStatement;

std::string Hex(const std::string& bytes) {
  return absl::BytesToHexString(bytes);
}

std::string KeyChangeText(const Statement& statement) {
  const v1::KeyChange& change = statement.key_change();
  if (!statement.has_key_change()) return "none";
  return absl::StrCat(v1::KeyAction_Name(change.action()), " ", change.key(),
                      " ", Hex(change.public_key_sha256()), " ",
                      change.replaces(), " ", Hex(change.replaces_sha256()),
                      " ", Hex(change.transcript_sha256()));
}

// What ties a statement to one request. The subject last: it covers the others,
// which say better what differs.
struct Binding {
  const char* code;
  const char* name;
  std::string (*text)(const Statement&);
};
constexpr Binding kBindings[] = {
    {"ORIGIN_DIFFERS", "origin", [](const Statement& s) { return s.origin(); }},
    {"TARGET_DIFFERS", "target", [](const Statement& s) { return s.target(); }},
    {"REQUESTER_DIFFERS", "requester",
     [](const Statement& s) { return s.requester(); }},
    {"PAYLOAD_DIFFERS", "payload",
     [](const Statement& s) { return Hex(s.payload_sha256()); }},
    {"VERSION_DIFFERS", "version",
     [](const Statement& s) { return s.version(); }},
    {"SECURITY_COUNTER_DIFFERS", "security counter",
     [](const Statement& s) { return absl::StrCat(s.security_counter()); }},
    {"KEY_CHANGE_DIFFERS", "key change", KeyChangeText},
    {"SUBJECT_DIFFERS", "subject",
     [](const Statement& s) { return Hex(s.subject_sha256()); }},
};

absl::Status CheckBindings(const Matter& matter, const SignedStatement& word) {
  for (const Binding& each : kBindings) {
    const std::string said = each.text(word.statement);
    const std::string expected = each.text(matter.statement);
    if (said == expected) continue;
    return base::Refused(
        each.code,
        absl::StrCat("approval is of ", each.name, " \"",
                     absl::CHexEscape(said), "\", the request has \"",
                     absl::CHexEscape(expected), "\""));
  }
  return absl::OkStatus();
}

bool HasRole(const Policy& policy, const std::vector<std::string>& roles,
             absl::string_view person) {
  const std::vector<std::string> has = policy.RolesOf(person);
  return std::any_of(has.begin(), has.end(), [&](const std::string& role) {
    return std::count(roles.begin(), roles.end(), role) != 0;
  });
}

bool IsExcluded(const Matter& matter, absl::string_view person) {
  return std::count(matter.excluded.begin(), matter.excluded.end(), person) !=
         0;
}

absl::Status CheckApprover(const Policy& policy, const Matter& matter,
                           const SignedStatement& word) {
  const std::string& person = word.approver->name();
  if (policy.IsRevoked(word.sha256)) {
    return base::Refused("APPROVAL_REVOKED",
                         absl::StrCat("the policy revokes approval ",
                                      Hex(word.sha256), " of ", person));
  }
  if (word.retired) {
    return base::Refused(
        "APPROVER_KEY_RETIRED",
        absl::StrCat("the key that signed is ", person,
                     "'s and retired; sign with one that is not"));
  }
  if (!HasRole(policy, matter.demand.roles, person)) {
    return base::Refused(
        "NOT_AN_APPROVER",
        absl::StrCat(person, " has roles ",
                     absl::StrJoin(policy.RolesOf(person), ", "),
                     "; this takes approvals from ",
                     absl::StrJoin(matter.demand.roles, ", ")));
  }
  if (!IsExcluded(matter, person)) return absl::OkStatus();
  return base::Refused("OWN_REQUEST",
                       absl::StrCat(person,
                                    " asked for this or stands behind the job "
                                    "that did; another person must approve"));
}

absl::Status CheckDates(const Matter& matter, const Statement& statement,
                        std::int64_t now) {
  const std::int64_t life =
      statement.not_after_unix_ms() - statement.not_before_unix_ms();
  const std::int64_t most = std::int64_t{matter.demand.seconds} * 1000;
  if (life <= 0 || life > most) {
    return base::Refused(
        "APPROVAL_TOO_LONG",
        absl::StrCat("approval lives for ", life, " ms, expected 1 to ", most));
  }
  if (now < statement.not_before_unix_ms() - kClockSkewMs) {
    return base::Refused(
        "APPROVAL_NOT_YET",
        absl::StrCat("approval counts from ", statement.not_before_unix_ms(),
                     " ms on, and it is ", now));
  }
  if (now < statement.not_after_unix_ms()) return absl::OkStatus();
  return base::Refused(
      "APPROVAL_EXPIRED",
      absl::StrCat("approval counted until ", statement.not_after_unix_ms(),
                   " ms, and it is ", now, "; approve anew"));
}

// A word that was kept back while an earlier request with the same subject
// waited. Clients say "from a minute ago on", by clocks that may be behind.
absl::Status CheckAge(const Matter& matter, const Statement& statement) {
  if (statement.verdict() != v1::APPROVE ||
      statement.not_before_unix_ms() + 2 * kClockSkewMs >=
          matter.since_unix_ms) {
    return absl::OkStatus();
  }
  return base::Refused(
      "APPROVAL_TOO_OLD",
      absl::StrCat("approval counts from ", statement.not_before_unix_ms(),
                   " ms on, and the request waits since ", matter.since_unix_ms,
                   "; approve this one"));
}

absl::Status CheckLowering(const Matter& matter, const Statement& statement) {
  if (statement.verdict() != v1::APPROVE) return absl::OkStatus();
  const Lowering& lowering = matter.demand.lowering;
  if (lowering.security_counter_from &&
      !statement.allows_lower_security_counter()) {
    return base::Refused(
        "LOWERING_NOT_ALLOWED",
        absl::StrCat("approval does not say that the security counter may go "
                     "down from ",
                     *lowering.security_counter_from, " to ",
                     statement.security_counter()));
  }
  if (lowering.version_from && !statement.allows_lower_version()) {
    return base::Refused(
        "LOWERING_NOT_ALLOWED",
        absl::StrCat("approval does not say that the version may go down from ",
                     *lowering.version_from, " to ", statement.version()));
  }
  return absl::OkStatus();
}

void AddAsker(const Policy& policy, const v1::Caller& caller, Matter& matter) {
  if (!caller.identity().empty()) matter.excluded.push_back(caller.identity());
  for (std::string& name : PeopleBehind(policy, caller)) {
    matter.excluded.push_back(std::move(name));
  }
  matter.behind.Update(CheckBehindKnown(policy, caller));
}

std::uint32_t SecondsOf(std::uint32_t set) {
  return set == 0 ? kDefaultApprovalSeconds : set;
}

// A denial was judged when it was recorded. Until the request that it answered
// is over it stands: neither its dates nor what became of its key, role or
// giver since can take it back, only a revocation in the policy.
bool Stands(const Policy& policy, const Matter& matter,
            const RecordedApproval& each) {
  if (each.event.verdict() != v1::DENY ||
      each.event.pending_index() != matter.pending_index) {
    return false;
  }
  return !policy.IsRevoked(Sha256Of(each.event.envelope().payload()));
}

Denial DenialOf(const RecordedApproval& each) {
  const auto statement = DecodeStatement(each.event.envelope().payload());
  return {each.index, each.event.approver(),
          statement.ok() ? statement->reason() : std::string()};
}

// An approval that counts, added to those of other people.
void Add(const RecordedApproval& approval, const std::string& person,
         Quorum& quorum) {
  if (std::count(quorum.people.begin(), quorum.people.end(), person) != 0) {
    quorum.uncounted.push_back(
        {approval.index, base::Refused("APPROVED_TWICE",
                                       absl::StrCat(person, " counts once"))});
    return;
  }
  quorum.people.push_back(person);
  quorum.indices.push_back(approval.index);
}

}  // namespace

Demand DemandOf(const v1::Target& target, Lowering lowering) {
  Demand demand;
  demand.roles.assign(target.approvers().begin(), target.approvers().end());
  demand.seconds = SecondsOf(target.approval_seconds());
  demand.lowering = std::move(lowering);
  // What passes needs nobody's word.
  if (target.lower_version() != v1::ASK) demand.lowering.version_from.reset();
  const bool lowers = demand.lowering.security_counter_from.has_value() ||
                      demand.lowering.version_from.has_value();
  demand.needed = std::max(target.approvals(), lowers ? 1U : 0U);
  return demand;
}

Demand DemandOf(const v1::KeyApprovals& approvals) {
  Demand demand;
  demand.roles.assign(approvals.approvers().begin(),
                      approvals.approvers().end());
  demand.needed = approvals.approvals();
  demand.seconds = SecondsOf(approvals.approval_seconds());
  return demand;
}

Matter MatterOf(const Policy& policy, absl::string_view origin,
                const Recorded& pending, const v1::Caller& asking,
                Demand demand) {
  Matter matter;
  matter.pending_index = pending.index;
  matter.since_unix_ms = pending.entry.time_unix_ms();
  matter.demand = std::move(demand);
  const v1::Caller& caller = pending.entry.caller();
  for (const v1::Caller* each : {&caller, &asking}) {
    AddAsker(policy, *each, matter);
  }
  v1::ApprovalStatement& statement = matter.statement;
  statement.set_origin(std::string(origin));
  statement.set_requester(caller.identity());
  if (pending.entry.has_key()) {
    statement.set_subject_sha256(pending.entry.key().subject_sha256());
    *statement.mutable_key_change() = pending.entry.key().change();
    return matter;
  }
  const v1::SigningEvent& signing = pending.entry.signing();
  statement.set_subject_sha256(signing.subject_sha256());
  statement.set_target(signing.target());
  statement.set_payload_sha256(signing.payload_sha256());
  statement.set_version(signing.version());
  statement.set_security_counter(signing.security_counter());
  return matter;
}

absl::StatusOr<SignedStatement> CheckApproval(const Policy& policy,
                                              const Matter& matter,
                                              const v1::DsseEnvelope& envelope,
                                              std::int64_t now_unix_ms) {
  ASSIGN_OR_RETURN(SignedStatement word, OpenEnvelope(policy, envelope));
  RETURN_IF_ERROR(CheckBindings(matter, word));
  RETURN_IF_ERROR(CheckApprover(policy, matter, word));
  if (word.statement.verdict() == v1::APPROVE) {
    RETURN_IF_ERROR(matter.behind);
  }
  RETURN_IF_ERROR(CheckDates(matter, word.statement, now_unix_ms));
  RETURN_IF_ERROR(CheckAge(matter, word.statement));
  RETURN_IF_ERROR(CheckLowering(matter, word.statement));
  return word;
}

bool IsApprover(const Policy& policy, const Matter& matter,
                absl::string_view person) {
  return HasRole(policy, matter.demand.roles, person);
}

bool MayApprove(const Policy& policy, const Matter& matter,
                absl::string_view person) {
  return IsApprover(policy, matter, person) && !IsExcluded(matter, person);
}

Quorum CountApprovals(const Policy& policy, const Matter& matter,
                      const std::vector<RecordedApproval>& approvals,
                      std::int64_t now_unix_ms) {
  Quorum quorum;
  for (const RecordedApproval& each : approvals) {
    if (Stands(policy, matter, each)) {
      if (!quorum.denial) quorum.denial = DenialOf(each);
      continue;
    }
    const auto word =
        CheckApproval(policy, matter, each.event.envelope(), now_unix_ms);
    if (!word.ok()) {
      quorum.uncounted.push_back({each.index, word.status()});
    } else if (word->statement.verdict() == v1::DENY) {
      if (!quorum.denial) {
        quorum.denial = {each.index, word->approver->name(),
                         word->statement.reason()};
      }
    } else if (each.event.pending_index() != matter.pending_index) {
      quorum.uncounted.push_back(
          {each.index, base::Refused("EARLIER_REQUEST",
                                     absl::StrCat("approval is of log entry ",
                                                  each.event.pending_index(),
                                                  ", which is over"))});
    } else {
      Add(each, word->approver->name(), quorum);
    }
  }
  return quorum;
}

}  // namespace bootseal::trust
