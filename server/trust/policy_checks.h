// What a policy must be like beyond its syntax. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_POLICY_CHECKS_H_
#define BOOTSEAL_SERVER_TRUST_POLICY_CHECKS_H_

#include "bootseal/v1/policy.pb.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// Everything, each problem at its field.
void CheckPolicy(const v1::Policy& policy, const Field& here);
// What every policy that ever came into force holds to: without the rules that
// are stricter now than they were.
void CheckLoggedPolicy(const v1::Policy& policy, const Field& here);

// The parts of it.
void CheckPeople(const v1::Policy& policy, const Field& here);
void CheckIssuers(const v1::Policy& policy, const Field& here);
void CheckKeys(const v1::Policy& policy, const Field& here);
void CheckTargets(const v1::Policy& policy, const Field& here);
void CheckApprovals(const v1::Policy& policy, const Field& here);
void CheckNamesBehind(const v1::Policy& policy, const Field& here);

// The rules that CheckLoggedPolicy leaves out. Whether enough people may
// approve, and whether the policy tells who stands behind whoever asks.
void CheckEnoughApprovers(const v1::Policy& policy, const Field& here);
void CheckBehindTold(const v1::Policy& policy, const Field& here);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_POLICY_CHECKS_H_
