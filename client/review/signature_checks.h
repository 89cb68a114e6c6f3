// Whether every release has a signature of the key that its policy pins, over
// the digest it names. Where the key signed the image itself, the log does not
// hold what the signature is over: such signatures are counted, and whoever has
// the image checks them.
#ifndef BOOTSEAL_CLIENT_REVIEW_SIGNATURE_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_SIGNATURE_CHECKS_H_

#include <cstdint>
#include <set>
#include <string>

#include "client/review/check.h"
#include "client/review/public_keys.h"

namespace bootseal::review {

// Class signature: KEY_NOT_PINNED, KEY_UNKNOWN (pinned, but nobody gave it),
// RELEASE_UNSIGNED, SIGNATURE_KIND (pure, and the policy's target is not, or
// the reverse), SIGNATURE_INVALID. Class policy: REQUESTER_NOT_ALLOWED.
class SignatureChecks final : public Check {
 public:
  // `keys` must outlive the checks.
  explicit SignatureChecks(const PublicKeys& keys) : keys_(keys) {}

  absl::Status Take(const Position& at, Findings& findings) override;

  std::uint64_t releases() const { return releases_; }
  // Signatures over images themselves, which were not checked here.
  std::uint64_t over_images() const { return over_images_; }

 private:
  absl::Status CheckSignatures(const trust::Policy& policy,
                               const v1::SigningEvent& event);
  absl::Status CheckDigest(const trust::Policy& policy,
                           const v1::SigningEvent& event,
                           const v1::SignedDigest& digest);

  const PublicKeys& keys_;
  std::uint64_t releases_ = 0;
  std::uint64_t over_images_ = 0;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_SIGNATURE_CHECKS_H_
