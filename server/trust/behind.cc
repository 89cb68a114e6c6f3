#include "server/trust/behind.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/claims.h"

namespace bootseal::trust {
namespace {

const v1::Issuer* FindIssuer(const Policy& policy, const std::string& name) {
  const auto& issuers = policy.proto().issuers();
  const auto found =
      std::find_if(issuers.begin(), issuers.end(),
                   [&](const v1::Issuer& each) { return each.name() == name; });
  return found == issuers.end() ? nullptr : &*found;
}

Claims ClaimsOf(const v1::Caller& caller) {
  Claims claims;
  for (const v1::Claim& claim : caller.claims()) {
    claims.emplace(claim.name(), claim.value());
  }
  return claims;
}

const v1::Person* FindStarter(const Policy& policy, const v1::Caller& caller) {
  const v1::Issuer* const issuer = FindIssuer(policy, caller.issuer());
  if (issuer == nullptr) return nullptr;
  return FindPersonBehind(policy, *issuer, ClaimsOf(caller));
}

absl::Status Unknown(const std::string& why) {
  return base::Refused(
      "BEHIND_UNKNOWN",
      absl::StrCat("this needs approvals, and nobody knows who stands behind "
                   "the job: ",
                   why));
}

absl::Status UnknownAccount(const v1::Issuer& issuer,
                            const v1::Caller& caller) {
  const std::string& claim = issuer.behind_claim();
  const Claims claims = ClaimsOf(caller);
  const auto value = claims.find(claim);
  if (value == claims.end() || value->second.empty()) {
    return Unknown(absl::StrCat("the token of issuer ", issuer.name(),
                                " has no claim ", claim,
                                " of one value, expected the account of "
                                "whoever started it"));
  }
  return Unknown(absl::StrCat(
      "claim ", claim, " of issuer ", issuer.name(), " is ",
      Quoted(value->second), ", an account of nobody in the policy; add ",
      Quoted(absl::StrCat(issuer.name(), " ", value->second)),
      " to the accounts of its person under people { accounts }, or of a "
      "person of its own when it is a bot's"));
}

FindPerson In(const Policy& policy) {
  return [&policy](const std::string& name) { return policy.FindPerson(name); };
}

}  // namespace

std::vector<std::string> WithThoseBehind(std::vector<std::string> names,
                                         const FindPerson& find) {
  std::vector<std::string> all;
  std::set<std::string> seen;
  while (!names.empty()) {
    const std::string name = names.front();
    names.erase(names.begin());
    if (!seen.insert(name).second) continue;
    all.push_back(name);
    const v1::Person* const person = find(name);
    if (person == nullptr) continue;
    names.insert(names.end(), person->behind().begin(), person->behind().end());
  }
  return all;
}

void SetPerson(const Policy& policy, const v1::Person& person,
               v1::Caller& caller) {
  caller.set_identity(person.name());
  for (const std::string& role : policy.RolesOf(person.name())) {
    caller.add_roles(role);
  }
  const std::vector<std::string> behind = WithThoseBehind(
      {person.behind().begin(), person.behind().end()}, In(policy));
  caller.mutable_also_behind()->Assign(behind.begin(), behind.end());
}

std::vector<std::string> PeopleBehind(const Policy& policy,
                                      const v1::Caller& caller) {
  std::vector<std::string> names(caller.also_behind().begin(),
                                 caller.also_behind().end());
  if (!caller.behind().empty()) names.push_back(caller.behind());
  if (const v1::Person* const starter = FindStarter(policy, caller)) {
    names.push_back(starter->name());
  }
  if (const v1::Person* const person = policy.FindPerson(caller.identity())) {
    names.insert(names.end(), person->behind().begin(), person->behind().end());
  }
  return WithThoseBehind(std::move(names), In(policy));
}

absl::Status CheckBehindKnown(const Policy& policy, const v1::Caller& caller) {
  if (caller.issuer().empty() || !caller.behind().empty()) {
    return absl::OkStatus();
  }
  const v1::Issuer* const issuer = FindIssuer(policy, caller.issuer());
  if (issuer == nullptr) {
    return Unknown(absl::StrCat("the policy has no issuer ",
                                Quoted(caller.issuer()), " any more"));
  }
  if (issuer->behind_claim().empty() ||
      FindStarter(policy, caller) != nullptr) {
    return absl::OkStatus();
  }
  return UnknownAccount(*issuer, caller);
}

Answer BehindObjection(const Policy& policy, const v1::Caller& caller) {
  const absl::Status known = CheckBehindKnown(policy, caller);
  if (known.ok()) return {};
  return Objection{base::ReasonOf(known), std::string(known.message())};
}

}  // namespace bootseal::trust
