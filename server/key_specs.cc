#include "server/key_specs.h"

#include <utility>

#include "base/status.h"
#include "server/policy_in_force.h"

namespace bootseal::server {
namespace {

// The targets that name it agree: the policy was checked.
hsm::RsaPadding PaddingOf(const v1::Policy& policy, const v1::PinnedKey& key) {
  for (const v1::Target& target : policy.targets()) {
    if (target.key() == key.name() && target.has_capsule()) {
      return hsm::RsaPadding::kPkcs1;
    }
  }
  return hsm::RsaPadding::kPss;
}

}  // namespace

absl::StatusOr<std::vector<hsm::KeySpec>> SpecsOf(const v1::Policy& policy) {
  std::vector<hsm::KeySpec> specs;
  for (const v1::PinnedKey& key : policy.keys()) {
    ASSIGN_OR_RETURN(hsm::KeySpec spec, SpecOf(key));
    spec.padding = PaddingOf(policy, key);
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace bootseal::server
