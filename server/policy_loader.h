// Brings a policy file into force: checked, never an older version than the log
// has seen nor another text of the same one, and recorded with its full text
// before its first use.
#ifndef BOOTSEAL_SERVER_POLICY_LOADER_H_
#define BOOTSEAL_SERVER_POLICY_LOADER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/input_file.h"
#include "hsm/signer.h"
#include "server/audit/log.h"
#include "server/policy_in_force.h"
#include "server/trust/policy.h"

namespace bootseal::server {

// A file that the policy at `path` names, relative to it. base/file.h's errors.
absl::StatusOr<base::InputFile> OpenBeside(const std::string& path,
                                           const std::string& named);

// Reads and checks the file, and its issuers' JWKS files, which are relative to
// it. base/file.h's errors; INVALID_ARGUMENT (POLICY_INVALID) with every
// problem of the file, or else of those.
absl::StatusOr<std::shared_ptr<const trust::Policy>> ReadPolicy(
    const std::string& path);

// Not thread-safe.
class PolicyLoader {
 public:
  // `log`, `key_states` and `clock` must outlive it and its policies.
  PolicyLoader(audit::Log& log, std::shared_ptr<hsm::Token> token,
               KeyStates& key_states, const base::Clock& clock)
      : log_(log),
        token_(std::move(token)),
        key_states_(key_states),
        clock_(clock) {}

  // FAILED_PRECONDITION: POLICY_VERSION_LOWER, and POLICY_VERSION_REUSED for
  // another text of the highest version, LOG_KEY_NOT_OURS for targets whose
  // images would carry receipts that their devices refuse; the token's and the
  // log's errors.
  absl::StatusOr<std::shared_ptr<const PolicyInForce>> BringIntoForce(
      std::shared_ptr<const trust::Policy> policy);

 private:
  absl::Status CheckLogKeys(const trust::Policy& policy) const;
  absl::Status CheckVersion(const trust::Policy& policy);
  absl::Status Record(const trust::Policy& policy);

  audit::Log& log_;
  const std::shared_ptr<hsm::Token> token_;
  KeyStates& key_states_;
  const base::Clock& clock_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_POLICY_LOADER_H_
