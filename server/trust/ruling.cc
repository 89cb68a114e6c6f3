#include "server/trust/ruling.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/trust/behind.h"
#include "server/trust/request_rules.h"
#include "server/trust/target_format.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::trust {
namespace {

// What the rules see.
struct Case {
  const Policy& policy;
  const v1::Caller& caller;
  const v1::Target& target;
  const v1::SigningEvent& asked;
  const std::int64_t now_unix_ms;
  const Demand demand;
  Ruling ruling;
  std::optional<Leap> leap;
};

Answer CheckCounter(const Case& on) {
  const auto& from = on.demand.lowering.security_counter_from;
  if (!from || !on.demand.roles.empty()) return {};
  return Objection{
      "SECURITY_COUNTER_LOWERED",
      absl::StrCat("security counter ", on.asked.security_counter(),
                   " is below ", *from, ", that of the last release of target ",
                   on.target.name(),
                   ": devices that have that one would never "
                   "boot it; raise the counter (nobody may approve a lower "
                   "one: the target has no approvers)")};
}

Answer CheckStep(const Case& on) {
  if (!on.leap) return {};
  const std::uint32_t step = CounterRulesOf(on.target).step;
  return Objection{
      "SECURITY_COUNTER_LEAP",
      absl::StrCat("security counter ", on.asked.security_counter(),
                   " is more than ", step, " above ", on.leap->from,
                   on.leap->first_release
                       ? ", from which a first release counts, of target "
                       : ", that of the last release of target ",
                   on.target.name(),
                   ": devices that took it would never go back; give at most ",
                   std::uint64_t{on.leap->from} + step,
                   on.leap->first_release
                       ? " (devices that have more already: say so as the "
                         "target's default_security_counter)"
                       : "")};
}

Answer CheckLowerVersion(const Case& on) {
  const auto& from = on.ruling.lowering.version_from;
  if (!from || on.target.lower_version() == v1::PASS) return {};
  if (on.target.lower_version() == v1::ASK && !on.demand.roles.empty()) {
    return {};
  }
  return Objection{
      "VERSION_LOWERED",
      absl::StrCat("version ", on.asked.version(), " is below ", *from,
                   ", that of the last release of target ", on.target.name(),
                   "; raise it, or have the target's lower_version say ASK or "
                   "PASS")};
}

Answer CheckBehind(const Case& on) {
  if (on.demand.needed == 0) return {};
  return BehindObjection(on.policy, on.caller);
}

Answer CheckDenial(const Case& on) {
  const auto& denial = on.ruling.quorum.denial;
  if (!denial) return {};
  return Objection{"REQUEST_DENIED",
                   absl::StrCat(denial->approver, " denied it (log entry ",
                                denial->index, "): ", denial->reason)};
}

std::string WhatGoesDown(const Lowering& lowering) {
  std::vector<std::string> what;
  if (lowering.security_counter_from) {
    what.push_back(absl::StrCat("a security counter lower than ",
                                *lowering.security_counter_from));
  }
  if (lowering.version_from) {
    what.push_back(
        absl::StrCat("a version lower than ", *lowering.version_from));
  }
  if (what.empty()) return "";
  return absl::StrCat(" that allow ", absl::StrJoin(what, " and "));
}

Answer CheckQuorum(const Case& on) {
  const std::size_t counted = on.ruling.quorum.people.size();
  if (counted >= on.demand.needed) return {};
  return Objection{
      "APPROVALS_REQUIRED",
      absl::StrCat(
          "target ", on.target.name(), " needs ", on.demand.needed,
          on.demand.needed == 1 ? " approval" : " approvals",
          WhatGoesDown(on.demand.lowering), " by ",
          absl::StrJoin(on.demand.roles, ", "), ", and ", counted, " count",
          counted == 0
              ? std::string()
              : absl::StrCat(": ",
                             absl::StrJoin(on.ruling.quorum.people, ", ")))};
}

Answer CheckTime(const Case& on) {
  return CheckVerdictTime(on.asked, on.now_unix_ms);
}

struct Rule {
  const char* name;
  Answer (*check)(const Case&);
  v1::Decision otherwise;
};
// In the order of judgement.
constexpr Rule kRules[] = {
    {"verdict.not_after", CheckTime, v1::REFUSED},
    {"security_counter_rollback", CheckCounter, v1::REFUSED},
    {"target.security_counter_step", CheckStep, v1::REFUSED},
    {"target.lower_version", CheckLowerVersion, v1::REFUSED},
    {"target.approvals", CheckBehind, v1::REFUSED},
    {"target.approvals", CheckDenial, v1::REFUSED},
    {"target.approvals", CheckQuorum, v1::PENDING},
};

// Whether the entry is of exactly this request.
bool IsOf(const Recorded& pending, const v1::Caller& caller,
          const v1::SigningEvent& asked) {
  return !asked.digests().empty() && pending.entry.has_signing() &&
         pending.entry.caller().identity() == caller.identity() &&
         pending.entry.signing().subject_sha256() ==
             SubjectOf(caller.identity(), asked);
}

// Whether what goes down now is what people were told: a release since may have
// raised what they looked at.
bool LowersAsTold(const Recorded& pending, const Lowering& lowering) {
  const v1::SigningEvent& told = pending.entry.signing();
  const auto& counter = lowering.security_counter_from;
  if (counter && (!told.has_lowers_security_counter_from() ||
                  told.lowers_security_counter_from() != *counter)) {
    return false;
  }
  const auto& version = lowering.version_from;
  return !version || (told.has_lowers_version_from() &&
                      told.lowers_version_from() == *version);
}

void Count(const Policy& policy, const v1::Caller& caller, const Facts& facts,
           Case& on) {
  const auto& pending = facts.history.pending;
  if (!pending || !IsOf(*pending, caller, on.asked)) return;
  const Matter matter =
      MatterOf(policy, facts.origin, *pending, caller, on.demand);
  on.ruling.quorum = CountApprovals(policy, matter, facts.history.approvals,
                                    facts.now_unix_ms);
  if (on.demand.needed == 0 || !IsOpen(pending->entry, facts.now_unix_ms) ||
      !LowersAsTold(*pending, on.demand.lowering)) {
    // What was denied stays denied; what was approved is over, or needs nobody.
    on.ruling.quorum.people.clear();
    on.ruling.quorum.indices.clear();
    return;
  }
  const bool enough = on.ruling.quorum.people.size() >= on.demand.needed;
  if (enough || !facts.history.done) on.ruling.pending_index = pending->index;
}

}  // namespace

Ruling RuleOn(const Policy& policy, const v1::Target& target,
              const v1::Caller& caller, const v1::SigningEvent& asked,
              const Facts& facts) {
  Lowering lowering = LoweringOf(asked, facts.last_release.get());
  Case on{policy,
          caller,
          target,
          asked,
          facts.now_unix_ms,
          DemandOf(target, lowering),
          {},
          LeapFrom(target, asked, facts.last_release.get())};
  on.ruling.lowering = std::move(lowering);
  on.ruling.approvals_needed = on.demand.needed;
  Count(policy, caller, facts, on);
  for (const Rule& rule : kRules) {
    const Answer objection = rule.check(on);
    if (!objection) continue;
    on.ruling.decision = rule.otherwise;
    on.ruling.rule = rule.name;
    on.ruling.code = objection->code;
    on.ruling.reason = objection->reason;
    return on.ruling;
  }
  on.ruling.decision = v1::ALLOWED;
  on.ruling.rule =
      on.demand.needed > 0 ? "target.approvals" : RequestersRule(asked);
  return on.ruling;
}

std::vector<std::string> RulingRules() {
  std::vector<std::string> names;
  for (const Rule& rule : kRules) {
    if (names.empty() || names.back() != rule.name) names.push_back(rule.name);
  }
  return names;
}

}  // namespace bootseal::trust
