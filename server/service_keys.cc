#include "server/service_keys.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "server/policy_in_force.h"

namespace bootseal::server {
namespace {

// Those that it may be, or how there comes to be one.
std::string Fix(const trust::Policy& policy, const ServiceKey& key) {
  std::vector<std::string> names;
  for (const v1::PinnedKey& pinned : policy.proto().keys()) {
    if (pinned.purpose() == key.purpose) names.push_back(pinned.name());
  }
  if (!names.empty()) {
    return absl::StrCat("fix: name ", absl::StrJoin(names, " or "));
  }
  return "fix: make a key that serves nothing else, with bootseal-token "
         "generate, and pin it in the policy with that purpose";
}

}  // namespace

absl::StatusOr<hsm::KeySpec> FindServiceKey(const trust::Policy& policy,
                                            const ServiceKey& key) {
  const v1::PinnedKey* pinned = policy.FindKey(key.name);
  if (pinned != nullptr && pinned->purpose() == key.purpose) {
    return SpecOf(*pinned);
  }
  return base::Invalid(
      "CONFIG_INVALID", key.field,
      absl::StrCat(key.field, ": \"", key.name, "\" is ",
                   pinned == nullptr
                       ? "no key of the policy"
                       : absl::StrCat("a key of the policy with purpose ",
                                      v1::KeyPurpose_Name(pinned->purpose())),
                   ", expected one with purpose ",
                   v1::KeyPurpose_Name(key.purpose), "; ", Fix(policy, key)));
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
