// What a caller may ask for, as ListTargets tells it.
#ifndef BOOTSEAL_SERVER_TARGET_LIST_H_
#define BOOTSEAL_SERVER_TARGET_LIST_H_

#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "server/policy_in_force.h"

namespace bootseal::server {

// In the policy's order. A target whose key does not serve has a profile
// without public key, and the reason beside it.
v1::ListTargetsReply TargetsFor(const v1::Caller& caller,
                                const PolicyInForce& policy);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_TARGET_LIST_H_
