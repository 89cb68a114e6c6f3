// Who stands behind a caller: the people for whom a job, or whoever holds a
// certificate, acts. They never approve what it asks for, so where people have
// to approve, they must be known. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_BEHIND_H_
#define BOOTSEAL_SERVER_TRUST_BEHIND_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "server/trust/policy.h"
#include "server/trust/request_rules.h"

namespace bootseal::trust {

using FindPerson = std::function<const v1::Person*(const std::string& name)>;
// Those people, those behind them, and so on: each once, cycles and all.
// `find`: nullptr for nobody.
std::vector<std::string> WithThoseBehind(std::vector<std::string> names,
                                         const FindPerson& find);

// Makes the caller one who proved to be `person`: identity, roles, and whom
// people.behind names, and whoever is behind those.
void SetPerson(const Policy& policy, const v1::Person& person,
               v1::Caller& caller);

// Names of people: whom the caller was recorded with, and whom the policy now
// tells by its account and by people.behind; and whoever is behind those.
std::vector<std::string> PeopleBehind(const Policy& policy,
                                      const v1::Caller& caller);

// Of tokens: an issuer with a behind_claim must have told an account of
// somebody in the policy. What else a caller comes with, CheckBehindTold has
// demanded a word on (policy_checks.h).
//
// PERMISSION_DENIED (BEHIND_UNKNOWN), naming issuer, claim, value and the fix.
absl::Status CheckBehindKnown(const Policy& policy, const v1::Caller& caller);
// The same as a rule's answer.
Answer BehindObjection(const Policy& policy, const v1::Caller& caller);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_BEHIND_H_
