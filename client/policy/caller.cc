#include "client/policy/caller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/behind.h"
#include "server/trust/claims.h"

namespace bootseal::policy {
namespace {

const v1::Issuer* FindIssuer(const trust::Policy& policy,
                             const std::string& name) {
  const auto& issuers = policy.proto().issuers();
  const auto found =
      std::find_if(issuers.begin(), issuers.end(),
                   [&](const v1::Issuer& each) { return each.name() == name; });
  return found == issuers.end() ? nullptr : &*found;
}

}  // namespace

v1::Caller CallerNamed(const trust::Policy& policy, const std::string& person) {
  v1::Caller caller;
  caller.set_identity(person);
  if (const v1::Person* const found = policy.FindPerson(person)) {
    trust::SetPerson(policy, *found, caller);
  }
  return caller;
}

v1::Caller CallerWithSubject(const trust::Policy& policy,
                             const std::string& subject) {
  v1::Caller caller;
  caller.set_method("mtls");
  caller.set_subject(subject);
  const v1::Person* const person = policy.FindPersonBySubject(subject);
  if (person == nullptr) return caller;
  trust::SetPerson(policy, *person, caller);
  return caller;
}

absl::StatusOr<v1::Caller> CallerWithToken(const trust::Policy& policy,
                                           const v1::TokenCaller& token) {
  const v1::Issuer* const issuer = FindIssuer(policy, token.issuer());
  if (issuer == nullptr) {
    return base::NotFound(
        "UNKNOWN_ISSUER",
        absl::StrCat("the policy has no issuer \"", token.issuer(), "\""));
  }
  trust::Claims claims;
  for (const v1::Claim& claim : token.claims()) {
    claims[claim.name()] = claim.value();
  }
  ASSIGN_OR_RETURN(const v1::Person* const person,
                   trust::FindPersonByClaims(policy, issuer->name(), claims));
  v1::Caller caller;
  trust::SetPerson(policy, *person, caller);
  caller.set_method("oidc");
  caller.set_issuer(issuer->name());
  *caller.mutable_claims() = token.claims();
  const v1::Person* const behind =
      trust::FindPersonBehind(policy, *issuer, claims);
  if (behind != nullptr) caller.set_behind(behind->name());
  return caller;
}

}  // namespace bootseal::policy
