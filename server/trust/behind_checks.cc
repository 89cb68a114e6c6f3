// Whether the policy tells who stands behind everybody who may ask for what
// takes approvals.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/trust/names.h"
#include "server/trust/policy_checks.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::trust {
namespace {

template <typename Items>
Names NamesOf(const Items& items) {
  Names names;
  for (const auto& item : items) names.insert(item.name());
  return names;
}

template <typename Items>
bool Has(const Items& items, const std::string& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

bool HasRole(const v1::Policy& policy, const std::string& person,
             const google::protobuf::RepeatedPtrField<std::string>& roles) {
  return std::any_of(
      policy.roles().begin(), policy.roles().end(), [&](const v1::Role& role) {
        return Has(roles, role.name()) && Has(role.members(), person);
      });
}

bool MayManageKeys(const v1::Policy& policy, const std::string& person) {
  return std::any_of(
      policy.roles().begin(), policy.roles().end(), [&](const v1::Role& role) {
        return std::count(role.permissions().begin(), role.permissions().end(),
                          v1::MANAGE_KEYS) > 0 &&
               Has(role.members(), person);
      });
}

// What the person may ask for and people approve, in words; empty for nothing.
// A target with approvers takes approvals of a lower counter at least.
std::string Approvable(const v1::Policy& policy, const std::string& person) {
  for (const v1::Target& target : policy.targets()) {
    if (target.approvals() == 0 && target.approvers().empty()) continue;
    if (!HasRole(policy, person, AllRequestersOf(target))) continue;
    return absl::StrCat("target \"", target.name(), "\"");
  }
  if (!policy.has_key_approvals() || !MayManageKeys(policy, person)) return "";
  return "changes of keys";
}

// The first workload's issuer of which no token tells who started the job.
std::string SilentIssuer(const v1::Policy& policy, const v1::Person& person) {
  for (const v1::Workload& workload : person.workloads()) {
    for (const v1::Issuer& issuer : policy.issuers()) {
      if (issuer.name() == workload.issuer() && issuer.behind_claim().empty()) {
        return issuer.name();
      }
    }
  }
  return "";
}

bool HasLiveKey(const v1::Person& person) {
  return std::any_of(person.approver_keys().begin(),
                     person.approver_keys().end(),
                     [](const auto& key) { return !key.retired(); });
}

// Why the policy has to say it; empty when it need not.
std::string WhyAsked(const v1::Policy& policy, const v1::Person& person) {
  if (const std::string issuer = SilentIssuer(policy, person);
      !issuer.empty()) {
    return absl::StrCat("jobs at issuer \"", issuer,
                        "\", which has no behind_claim");
  }
  // Whoever approves with a key of their own is a person and not a job.
  const bool may_be_a_job = !person.subjects().empty() && !HasLiveKey(person);
  return may_be_a_job ? "a certificate and no approver keys that count" : "";
}

void CheckTold(const v1::Policy& policy, const v1::Person& person,
               const Field& field) {
  if (!person.behind().empty() || person.nobody_behind()) return;
  const std::string why = WhyAsked(policy, person);
  if (why.empty()) return;
  const std::string what = Approvable(policy, person.name());
  if (what.empty()) return;
  field.Report(absl::StrCat(
      "required: ", person.name(), " may ask for ", what,
      ", which takes approvals, and has ", why,
      ": nothing tells who stands behind it; name the people who can make it "
      "ask, who then do not count as approvers (itself, where it is one "
      "person), or say nobody_behind: true"));
}

void CheckNamesOf(const v1::Person& person, const Names& people,
                  const Field& here) {
  Names seen;
  for (int i = 0; i < person.behind_size(); ++i) {
    const Field field = here.At("behind", i);
    CheckKnown("person", person.behind(i), people, field);
    if (seen.insert(person.behind(i)).second) continue;
    field.Report(absl::StrCat("\"", person.behind(i), "\" is given twice"));
  }
  if (!person.nobody_behind() || person.behind().empty()) return;
  here.At("nobody_behind")
      .Report(absl::StrCat("is said, and behind names ", person.behind(0),
                           "; expected one of them"));
}

}  // namespace

void CheckNamesBehind(const v1::Policy& policy, const Field& here) {
  const Names people = NamesOf(policy.people());
  for (int i = 0; i < policy.people_size(); ++i) {
    CheckNamesOf(policy.people(i), people, here.At("people", i));
  }
}

void CheckBehindTold(const v1::Policy& policy, const Field& here) {
  for (int i = 0; i < policy.people_size(); ++i) {
    CheckTold(policy, policy.people(i), here.At("people", i).At("behind"));
  }
}

}  // namespace bootseal::trust
