// Callers as a policy would see them, made up for a question.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_POLICY_CALLER_H_
#define BOOTSEAL_CLIENT_POLICY_CALLER_H_

#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy_test.pb.h"
#include "server/trust/policy.h"

namespace bootseal::policy {

// Somebody whom the policy does not name has no identity or roles; the judge
// says so.
v1::Caller CallerNamed(const trust::Policy& policy, const std::string& person);
// Of a certificate: its URI SAN, or trust domain and DN.
v1::Caller CallerWithSubject(const trust::Policy& policy,
                             const std::string& subject);
// NOT_FOUND (UNKNOWN_ISSUER); PERMISSION_DENIED as FindPersonByClaims.
absl::StatusOr<v1::Caller> CallerWithToken(const trust::Policy& policy,
                                           const v1::TokenCaller& token);

}  // namespace bootseal::policy

#endif  // BOOTSEAL_CLIENT_POLICY_CALLER_H_
