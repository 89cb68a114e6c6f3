// What a token says of its holder, and whether a workload of the policy is
// meant. Pure; thread-safe: free functions and values.
#ifndef BOOTSEAL_SERVER_TRUST_CLAIMS_H_
#define BOOTSEAL_SERVER_TRUST_CLAIMS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "server/trust/policy.h"

namespace bootseal::trust {

// Name and value. A string is itself, true and false are their words, a whole
// number is its decimal digits; what is neither has no value to compare and is
// left out.
using Claims = std::map<std::string, std::string>;

// Exactly, by the beginning, or by a glob over the whole value: * stands for
// any characters but "/", ** for any; nothing else is special. A rule without a
// match matches nothing.
bool Matches(const v1::ClaimRule& rule, absl::string_view value);

// The person whose workload at `issuer` (the policy's name) these claims are.
// Of events that run what a stranger proposed (event_name pull_request... of
// GitHub, pipeline_source merge_request_event and external_pull_request_event
// of GitLab) only where the workload has a rule for that claim.
//
// PERMISSION_DENIED: UNKNOWN_IDENTITY when nobody has a workload there;
// CLAIM_MISMATCH, naming the claim that failed in the workload that came
// nearest and its value, never the policy's pattern; IDENTITY_AMBIGUOUS when
// workloads of several people match.
absl::StatusOr<const v1::Person*> FindPersonByClaims(const Policy& policy,
                                                     absl::string_view issuer,
                                                     const Claims& claims);

// The person that has the account which the token's behind_claim names;
// nullptr when the token or the policy does not tell.
const v1::Person* FindPersonBehind(const Policy& policy,
                                   const v1::Issuer& issuer,
                                   const Claims& claims);

// A text that a caller chose, on one line and at most 128 bytes long.
std::string Quoted(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_CLAIMS_H_
