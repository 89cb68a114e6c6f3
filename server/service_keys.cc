#include "server/service_keys.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/policy_in_force.h"

namespace bootseal::server {

absl::StatusOr<hsm::KeySpec> FindServiceKey(const trust::Policy& policy,
                                            const ServiceKey& key) {
  const v1::PinnedKey* pinned = policy.FindKey(key.name);
  if (pinned != nullptr && pinned->purpose() == key.purpose) {
    return SpecOf(*pinned);
  }
  return base::Invalid(
      "CONFIG_INVALID", key.field,
      absl::StrCat(key.field, ": the policy has no key \"", key.name,
                   "\" with purpose ", v1::KeyPurpose_Name(key.purpose)));
}

absl::Status CheckServiceKey(const trust::Policy& policy, const ServiceKey& key,
                             absl::string_view pin, absl::string_view reason) {
  const v1::PinnedKey* pinned = policy.FindKey(key.name);
  if (pinned != nullptr && pinned->purpose() == key.purpose &&
      absl::HexStringToBytes(pinned->public_key_sha256()) == pin) {
    return absl::OkStatus();
  }
  return base::Precondition(
      reason, absl::StrCat("keys: ", key.field, " is key ", key.name,
                           "; a policy without it, or with another pin for ",
                           "it, takes a restart"));
}

}  // namespace bootseal::server
