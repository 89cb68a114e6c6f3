// Keys that devices of a target trust beside the one that signs, while one
// takes another's place: Target.overlap_keys. They verify and never sign.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_OVERLAP_H_
#define BOOTSEAL_SERVER_TRUST_OVERLAP_H_

#include <vector>

#include "absl/status/status.h"
#include "bootseal/v1/policy.pb.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// Each is a firmware key of the policy, of the target's algorithm, another one
// than `key`, given once, and of a format whose devices can hold several:
//
//   mcuboot       any number: the bootloader has a table of keys
//   release       any number: the update agent has a file of keys
//   stm32_header  of the eight keys that the header's table names; an STM32MP15
//                 has one key and no table
//   fip           as stm32_header: the root of trust is the first stage's key
//   capsule       none: devices hold a certificate, which a policy has of `key`
//                 alone
void CheckOverlapKeys(const v1::Policy& policy, const v1::Target& target,
                      const Field& here);

// The profile by each key that devices trust, that of `key` first, the others
// in the policy's order. Each has one key, and judges by that alone. Those
// whose public key the profile lacks are left out.
std::vector<v1::Profile> ProfilesByKey(const v1::Profile& profile);

// FAILED_PRECONDITION (OVERLAP_KEY_MISSING): the profile lacks a public key, so
// devices that were made from it would refuse what that key signed.
absl::Status CheckHasEveryKey(const v1::Profile& profile);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_OVERLAP_H_
