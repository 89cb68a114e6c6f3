// A policy with everything that hangs on it: who its callers are, its keys in
// the token, its targets' rules. Replaced as a whole on reload; requests keep
// the one they began with.
#ifndef BOOTSEAL_SERVER_POLICY_IN_FORCE_H_
#define BOOTSEAL_SERVER_POLICY_IN_FORCE_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "hsm/signer.h"
#include "server/identity/identifier.h"
#include "server/key_states.h"
#include "server/trust/decision.h"
#include "server/trust/policy.h"
#include "server/trust/target_profile.h"

namespace bootseal::server {

// Thread-safe.
class PolicyInForce {
 public:
  // Looks the firmware keys up in the token. A key that may not serve disables
  // the targets that need it and nothing else. `key_states` and `clock` must
  // outlive the result.
  static absl::StatusOr<std::shared_ptr<const PolicyInForce>> Make(
      std::shared_ptr<const trust::Policy> policy,
      std::shared_ptr<hsm::Token> token, KeyStates& key_states,
      const base::Clock& clock);

  const trust::Policy& policy() const { return *policy_; }
  const trust::Judge& judge() const { return judge_; }
  hsm::Signer& signer() const { return *signer_; }
  identity::Identifier& identifier() const { return *identifier_; }

  // The rules of a target with the public key that the policy pins. NOT_FOUND
  // (UNKNOWN_TARGET); the key's status (KEY_MISSING, KEY_NOT_APPROVED, ...)
  // when it does not serve.
  absl::StatusOr<trust::TargetProfile> ProfileOf(
      absl::string_view target) const;
  // Whether the token has the key and the log its approval.
  absl::Status CheckServes(const v1::PinnedKey& key) const;
  // The latter right before a record is appended.
  absl::Status CheckServes(const v1::PinnedKey& key,
                           const audit::Standing& standing) const;
  // nullptr when the policy has no firmware key of that name.
  const hsm::ServingKey* FindKey(absl::string_view name) const;

 private:
  PolicyInForce(std::shared_ptr<const trust::Policy> policy,
                std::unique_ptr<hsm::Signer> signer, KeyStates& key_states,
                const base::Clock& clock);

  // DER, of a key that serves and has the hash that the policy pins.
  absl::StatusOr<std::string> PublicKeyOf(const v1::Target& target,
                                          const std::string& name) const;
  absl::StatusOr<trust::TargetProfile> MakeProfile(
      const v1::Target& target) const;

  const std::shared_ptr<const trust::Policy> policy_;
  const trust::Judge judge_;
  const std::unique_ptr<hsm::Signer> signer_;
  KeyStates& key_states_;
  const std::unique_ptr<identity::Identifier> identifier_;
  absl::flat_hash_map<std::string, absl::StatusOr<trust::TargetProfile>>
      profiles_;
};

// The policy that new requests begin with. Thread-safe.
class PolicyHolder {
 public:
  explicit PolicyHolder(std::shared_ptr<const PolicyInForce> first)
      : current_(std::move(first)) {}

  std::shared_ptr<const PolicyInForce> Current() const {
    const base::MutexLock lock(mutex_);
    return current_;
  }
  void Replace(std::shared_ptr<const PolicyInForce> next) {
    const base::MutexLock lock(mutex_);
    current_.swap(next);
  }

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<const PolicyInForce> current_ ABSL_GUARDED_BY(mutex_);
};

// What the token is asked for, of a key of the policy.
absl::StatusOr<hsm::KeySpec> SpecOf(const v1::PinnedKey& key);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_POLICY_IN_FORCE_H_
