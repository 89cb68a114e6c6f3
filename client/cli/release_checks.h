// What an auditor checks of each entry, in the order of the log, believing only
// the log's own policies: every release was made under a policy that the log
// holds, with the key that this policy pins, over the digest it names. Where
// the key signed the image itself, the log does not hold what the signature is
// over: such signatures are counted, and whoever has the image checks them.
#ifndef BOOTSEAL_CLIENT_CLI_RELEASE_CHECKS_H_
#define BOOTSEAL_CLIENT_CLI_RELEASE_CHECKS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bootseal/v1/entry.pb.h"
#include "client/cli/public_key.h"
#include "server/trust/policy.h"

namespace bootseal::cli {

// Not thread-safe.
class ReleaseChecks {
 public:
  // Public keys that may be needed; they count only when a policy pins them.
  void AddKey(PublicKey key);

  // The next entry. FAILED_PRECONDITION: POLICY_UNKNOWN, POLICY_MISMATCH,
  // KEY_NOT_PINNED, KEY_UNKNOWN (pinned, but nobody gave it), RELEASE_UNSIGNED,
  // SIGNATURE_KIND (pure, and the policy's target is not, or the reverse),
  // SIGNATURE_INVALID. Later entries can be checked all the same.
  absl::Status Take(const v1::Entry& entry);

  std::uint64_t releases() const { return releases_; }
  // Signatures over images themselves, which were not checked here.
  std::uint64_t over_images() const { return over_images_; }
  // Calls that the entries say were refused, those summed up too.
  std::uint64_t refusals() const { return refusals_; }

 private:
  absl::Status TakePolicy(const v1::PolicyEvent& event);
  absl::Status TakeSigning(const v1::Entry& entry);
  absl::Status CheckDigest(const trust::Policy& policy,
                           const v1::SigningEvent& event,
                           const v1::SignedDigest& digest);

  std::map<std::string, PublicKey> keys_;  // by SHA-256 of the device form, hex
  std::map<std::string, std::shared_ptr<const trust::Policy>> policies_;
  std::uint64_t releases_ = 0;
  std::uint64_t over_images_ = 0;
  std::uint64_t refusals_ = 0;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RELEASE_CHECKS_H_
