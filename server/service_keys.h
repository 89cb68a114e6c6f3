// Keys of the policy that the server itself uses: the log's and the canary.
#ifndef BOOTSEAL_SERVER_SERVICE_KEYS_H_
#define BOOTSEAL_SERVER_SERVICE_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/keys.pb.h"
#include "hsm/signer.h"
#include "server/trust/policy.h"

namespace bootseal::server {

// One of them, as the configuration names it.
struct ServiceKey {
  absl::string_view field;  // of the configuration: "log.checkpoint_key"
  std::string name;
  v1::KeyPurpose purpose;
};

// INVALID_ARGUMENT (CONFIG_INVALID) unless the policy has such a key.
absl::StatusOr<hsm::KeySpec> FindServiceKey(const trust::Policy& policy,
                                            const ServiceKey& key);

// Whether a policy that is to come into force has the key with the same public
// key as `pin` (raw SHA-256): what is open stays open. FAILED_PRECONDITION
// (`reason`).
absl::Status CheckServiceKey(const trust::Policy& policy, const ServiceKey& key,
                             absl::string_view pin, absl::string_view reason);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_SERVICE_KEYS_H_
