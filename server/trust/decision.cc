#include "server/trust/decision.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer.h"
#include "server/trust/behind.h"
#include "server/trust/format.h"
#include "server/trust/package_rules.h"
#include "server/trust/receipt_format.h"
#include "server/trust/request_id.h"
#include "server/trust/request_rules.h"
#include "server/trust/target_format.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::trust {
namespace {

// What Judge knows while it goes through the rules.
struct Case {
  const Policy& policy;
  const v1::Caller& caller;
  const v1::SignHeader& header;
  Admission admission;
  image::mcuboot::Version version = {};
};

template <typename Items>
std::string Listed(const Items& items) {
  return items.empty() ? std::string("none") : absl::StrJoin(items, ", ");
}

bool HasRole(const Roles& wanted, const std::vector<std::string>& roles) {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    return std::count(wanted.begin(), wanted.end(), role) != 0;
  });
}

// Targets that the caller may ask for: those of others are not its business.
std::string TargetsFor(const Case& on) {
  const auto roles = on.policy.RolesOf(on.caller.identity());
  std::vector<std::string> names;
  for (const v1::Target& target : on.policy.proto().targets()) {
    if (HasRole(RequestersOf(target, on.header), roles)) {
      names.push_back(target.name());
    }
  }
  return Listed(names);
}

std::string WhoIs(const Policy& policy, const std::string& identity) {
  return absl::StrCat("identity ", identity, " has roles ",
                      Listed(policy.RolesOf(identity)));
}

Answer CheckCaller(Case& on) {
  if (on.policy.FindPerson(on.caller.identity()) != nullptr) return {};
  return Objection{
      "UNKNOWN_CALLER",
      absl::StrCat("the policy names nobody \"", on.caller.identity(),
                   "\"; subject: \"", on.caller.subject(), "\"")};
}

Answer CheckRequestId(Case& on) {
  const std::string& id = on.header.request_id();
  if (IsRequestId(id)) return {};
  return Objection{"REQUEST_ID_INVALID",
                   absl::StrCat("request id \"", id, "\" has ", id.size(),
                                " bytes, expected 1 to ", kMaxRequestIdBytes,
                                " of letters, digits and . _ -")};
}

Answer CheckTarget(Case& on) {
  on.admission.target = on.policy.FindTarget(on.header.target());
  if (on.admission.target != nullptr) return {};
  return Objection{
      "UNKNOWN_TARGET",
      absl::StrCat("the policy has no target \"", on.header.target(), "\"; ",
                   on.caller.identity(), " may ask for: ", TargetsFor(on))};
}

std::string TakesFrom(const v1::Target& target, const v1::SignHeader& header) {
  return absl::StrCat("target ", target.name(), " takes requests ",
                      header.has_verdict() ? "for verdicts " : "", "from ",
                      Listed(RequestersOf(target, header)));
}

Answer CheckRoleFor(const Case& on) {
  const v1::Target& target = *on.admission.target;
  const auto roles = on.policy.RolesOf(on.caller.identity());
  if (HasRole(RequestersOf(target, on.header), roles)) return {};
  return Objection{"WRONG_ROLE",
                   absl::StrCat(WhoIs(on.policy, on.caller.identity()), "; ",
                                TakesFrom(target, on.header))};
}

Answer CheckRole(Case& on) {
  if (on.header.has_verdict()) return {};
  return CheckRoleFor(on);
}

Answer CheckVerdictRole(Case& on) {
  if (!on.header.has_verdict()) return {};
  return CheckRoleFor(on);
}

Answer CheckVersion(Case& on) {
  const auto version = image::host::ParseVersion(on.header.version());
  if (!version.ok()) {
    return Objection{"VERSION_INVALID",
                     std::string(version.status().message())};
  }
  on.version = *version;
  return {};
}

// The one that the request means; 0 when it means none.
std::uint32_t ResolveCounter(const Case& on, const CounterRules& rules) {
  if (on.header.has_security_counter()) return on.header.security_counter();
  if (!rules.from_version) return rules.initial;
  return std::uint32_t{on.version.major} << 24 |
         std::uint32_t{on.version.minor} << 16 | on.version.revision;
}

bool NamesCounter(const Case& on, const CounterRules& rules) {
  return on.header.has_security_counter() || rules.from_version ||
         rules.initial != 0;
}

// What target and header alone decide.
template <Answer (*check)(const v1::Target&, const v1::SignHeader&)>
Answer Asked(Case& on) {
  return check(*on.admission.target, on.header);
}

Answer CheckCounter(Case& on) {
  if (on.header.has_verdict()) return {};  // the release has it
  const v1::Target& target = *on.admission.target;
  const CounterRules rules = CounterRulesOf(target);
  if (rules.presence == v1::FORBIDDEN) {
    if (!on.header.has_security_counter()) return {};
    return Objection{"SECURITY_COUNTER_FORBIDDEN",
                     absl::StrCat("target ", target.name(),
                                  " takes no security counter; leave it out")};
  }
  if (rules.presence == v1::REQUIRED && !NamesCounter(on, rules)) {
    return Objection{"SECURITY_COUNTER_MISSING",
                     absl::StrCat("target ", target.name(),
                                  " demands a security counter and has no ",
                                  "default; give one")};
  }
  const std::uint32_t counter = ResolveCounter(on, rules);
  const std::uint32_t ceiling = rules.ceiling;
  if (ceiling != 0 && counter > ceiling) {
    return Objection{
        "SECURITY_COUNTER_TOO_HIGH",
        absl::StrCat("security counter ", counter, " is above ", ceiling,
                     ", the largest that a device of target ", target.name(),
                     " can store: it would take the image and never boot ",
                     "again")};
  }
  on.admission.security_counter = counter;
  on.admission.has_security_counter =
      rules.presence == v1::REQUIRED || NamesCounter(on, rules);
  return {};
}

Answer CheckLowest(Case& on) {
  return CheckFirmwareVersion(*on.admission.target,
                              on.admission.security_counter);
}

Answer CheckOneCounter(Case& on) {
  return CheckNonTrustedCounter(*on.admission.target, on.header,
                                on.admission.security_counter);
}

Answer CheckStartsClosed(Case& on) {
  return CheckImageVersion(*on.admission.target, on.admission.security_counter);
}

v1::Algorithm AlgorithmOf(const Policy& policy, const v1::Target& target) {
  const v1::PinnedKey* key = policy.FindKey(target.key());
  return key == nullptr ? v1::ALGORITHM_UNSPECIFIED : key->algorithm();
}

Answer CheckFiles(Case& on) {
  if (on.header.has_verdict()) return {};
  return CheckComponents(*on.admission.target, on.header);
}

// Without the TLVs, which the sealing adds: what cannot fit whatever they are.
Answer CheckSize(Case& on) {
  const v1::Target& target = *on.admission.target;
  if (target.has_capsule()) return CheckFirmwareSize(target, on.header);
  if (target.has_stm32_header()) return CheckFirstStageSize(target, on.header);
  if (!target.has_mcuboot()) return {};  // its files have sizes of their own
  const v1::McubootFormat& format = target.mcuboot();
  const std::uint64_t room = HeaderRoom(format, on.header.compression());
  const std::uint64_t size = on.header.payload_size();
  if (size <= room) {
    return Objection{
        "EMPTY_PAYLOAD",
        absl::StrCat("payload has ", size, " bytes, expected more than ", room,
                     room == 0 ? "" : " (its header room)")};
  }
  const std::uint64_t end = image::mcuboot::MaxImageEnd(
      RulesOf(format, AlgorithmOf(on.policy, target)));
  const std::uint64_t most = end - format.header_size() + room;
  if (size <= most) return {};
  return Objection{
      "PAYLOAD_TOO_LARGE",
      absl::StrCat("payload has ", size, " bytes, expected at most ", most,
                   ": target ", target.name(), " has a slot of ",
                   format.slot_size(), " bytes, with a header of ",
                   format.header_size(), " and a trailer")};
}

// Before anything is uploaded in vain.
Answer CheckBehind(Case& on) {
  if (on.admission.target->approvals() == 0) return {};
  return BehindObjection(on.policy, on.caller);
}

Answer CheckApprovals(Case& on) {
  const v1::Target& target = *on.admission.target;
  if (target.approvals() == 0) return {};
  return Objection{
      "APPROVALS_REQUIRED",
      absl::StrCat("target ", target.name(), " needs ", target.approvals(),
                   " approvals and the request has none")};
}

struct Rule {
  const char* name;
  Answer (*check)(Case&);
  v1::Decision otherwise;
};
// In the order of judgement.
constexpr Rule kRules[] = {
    {"caller", CheckCaller, v1::REFUSED},
    {"request_id", CheckRequestId, v1::REFUSED},
    {"target", CheckTarget, v1::REFUSED},
    {kRequesters, CheckRole, v1::REFUSED},
    {kVerdictRequesters, CheckVerdictRole, v1::REFUSED},
    {"version", CheckVersion, v1::REFUSED},
    {"verdict", Asked<CheckVerdict>, v1::REFUSED},
    {"target.security_counter", CheckCounter, v1::REFUSED},
    {"target.lowest_supported_version", CheckLowest, v1::REFUSED},
    {"non_trusted_counter", CheckOneCounter, v1::REFUSED},
    {"target.open_chips", CheckStartsClosed, v1::REFUSED},
    {"valid_from", Asked<CheckValidFrom>, v1::REFUSED},
    {"signed_range", Asked<CheckSignedRange>, v1::REFUSED},
    {"target.compression", Asked<CheckCompression>, v1::REFUSED},
    {"target.images", CheckFiles, v1::REFUSED},
    {"target.slot_size", CheckSize, v1::REFUSED},
    {"provisioning", Asked<CheckProvisioning>, v1::REFUSED},
    {"target.request_tlvs", Asked<CheckVendorTlvs>, v1::REFUSED},
    {"target.encryption", Asked<CheckEncryption>, v1::REFUSED},
    {"target.receipt", Asked<CheckReceipt>, v1::REFUSED},
    {"target.approvals", CheckBehind, v1::REFUSED},
    {"target.approvals", CheckApprovals, v1::PENDING},
};

std::vector<std::string> RolesWith(const Policy& policy,
                                   v1::Permission permission) {
  std::vector<std::string> names;
  for (const v1::Role& role : policy.proto().roles()) {
    if (std::count(role.permissions().begin(), role.permissions().end(),
                   permission) != 0) {
      names.push_back(role.name());
    }
  }
  return names;
}

absl::Status CheckNamed(const Policy& policy, const v1::Caller& caller) {
  if (policy.FindPerson(caller.identity()) != nullptr) return absl::OkStatus();
  return base::Fail(
      absl::StatusCode::kUnauthenticated, "UNKNOWN_CALLER",
      absl::StrCat("the policy names nobody \"", caller.identity(), "\""));
}

}  // namespace

Admission Judge::Admit(const v1::Caller& caller,
                       const v1::SignHeader& header) const {
  Case on{policy_, caller, header, {}};
  for (const Rule& rule : kRules) {
    const Answer objection = rule.check(on);
    if (!objection) continue;
    on.admission.decision = rule.otherwise;
    on.admission.rule = rule.name;
    on.admission.code = objection->code;
    on.admission.reason = objection->reason;
    if (rule.otherwise == v1::REFUSED) on.admission.target = nullptr;
    return on.admission;
  }
  on.admission.decision = v1::ALLOWED;
  on.admission.rule = header.has_verdict() ? kVerdictRequesters : kRequesters;
  on.admission.reason = absl::StrCat(WhoIs(policy_, caller.identity()), "; ",
                                     TakesFrom(*on.admission.target, header));
  return on.admission;
}

Ruling Judge::Decide(const v1::Caller& caller, const v1::SignHeader& header,
                     const v1::SigningEvent& asked, const Facts& facts) const {
  const Admission admission = Admit(caller, header);
  if (admission.decision == v1::REFUSED) {
    Ruling ruling;
    ruling.rule = admission.rule;
    ruling.reason = admission.reason;
    ruling.code = admission.code;
    return ruling;
  }
  Ruling ruling = RuleOn(policy_, *admission.target, caller, asked, facts);
  if (ruling.decision != v1::ALLOWED) return ruling;
  ruling.reason = absl::StrCat(
      WhoIs(policy_, caller.identity()), "; ",
      TakesFrom(*admission.target, header),
      ruling.approvals_needed == 0
          ? std::string()
          : absl::StrCat("; approved by ", Listed(ruling.quorum.people)));
  return ruling;
}

absl::Status Judge::Allow(const v1::Caller& caller,
                          v1::Permission permission) const {
  RETURN_IF_ERROR(CheckNamed(policy_, caller));
  const std::vector<std::string> roles = policy_.RolesOf(caller.identity());
  const std::vector<std::string> allowed = RolesWith(policy_, permission);
  for (const std::string& role : roles) {
    if (std::count(allowed.begin(), allowed.end(), role) != 0) {
      return absl::OkStatus();
    }
  }
  return base::Refused("WRONG_ROLE",
                       absl::StrCat(WhoIs(policy_, caller.identity()), "; ",
                                    v1::Permission_Name(permission),
                                    " is given to ", Listed(allowed)));
}

absl::StatusOr<const v1::Target*> Judge::AllowTarget(
    const v1::Caller& caller, const std::string& target) const {
  RETURN_IF_ERROR(CheckNamed(policy_, caller));
  v1::SignHeader header;
  header.set_target(target);
  Case on{policy_, caller, header, {}};
  if (const Answer objection = CheckTarget(on)) {
    return base::NotFound(objection->code, objection->reason);
  }
  if (const Answer objection = CheckRole(on)) {
    return base::Refused(objection->code, objection->reason);
  }
  return on.admission.target;
}

absl::Status Judge::AllowRequests(const v1::Caller& caller) const {
  RETURN_IF_ERROR(CheckNamed(policy_, caller));
  const std::vector<std::string> roles = policy_.RolesOf(caller.identity());
  for (const v1::Target& target : policy_.proto().targets()) {
    if (HasRole(target.requesters(), roles)) return absl::OkStatus();
  }
  return base::Refused("WRONG_ROLE",
                       absl::StrCat(WhoIs(policy_, caller.identity()),
                                    "; no target takes requests from it"));
}

bool IsAboutCaller(const Admission& admission) {
  if (admission.decision != v1::REFUSED) return false;
  for (const Rule& rule : kRules) {
    if (rule.name == admission.rule) return true;
    if (rule.check == CheckVerdictRole) break;
  }
  return false;
}

std::vector<std::string> AdmissionRules() {
  std::vector<std::string> names;
  for (const Rule& rule : kRules) {
    if (names.empty() || names.back() != rule.name) names.push_back(rule.name);
  }
  return names;
}

}  // namespace bootseal::trust
