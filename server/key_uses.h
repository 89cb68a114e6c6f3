// What a policy has its keys for. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_KEY_USES_H_
#define BOOTSEAL_SERVER_KEY_USES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::server {

struct KeyUses {
  // Targets by name, in the policy's order.
  std::vector<std::string> signs_for;
  std::vector<std::string> verifies_for;  // by Target.overlap_keys alone
};

// Of the key of this name.
KeyUses UsesOf(const v1::Policy& policy, absl::string_view key);

// For people, of a key that signs: which targets it serves, which devices trust
// it all the same, or that no target has it; and that the log has to say that
// people activated it, where the policy's key_approvals demand that. Empty for
// a key that is not of purpose FIRMWARE.
std::string DescribeUses(const v1::Policy& policy, const v1::PinnedKey& key);

// For people, of a key that does not sign: what stands still without it.
std::string DescribeLoss(const v1::Policy& policy, const v1::PinnedKey& key);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_KEY_USES_H_
