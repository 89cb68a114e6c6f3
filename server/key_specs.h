// What the token is asked for, of the keys of a policy.
#ifndef BOOTSEAL_SERVER_KEY_SPECS_H_
#define BOOTSEAL_SERVER_KEY_SPECS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "hsm/signer.h"

namespace bootseal::server {

// Of every key, in the policy's order, with the padding that its targets need.
// INVALID_ARGUMENT (KEY_TYPE, KEY_PURPOSE). Thread-safe.
absl::StatusOr<std::vector<hsm::KeySpec>> SpecsOf(const v1::Policy& policy);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_KEY_SPECS_H_
