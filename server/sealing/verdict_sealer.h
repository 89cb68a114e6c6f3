// Makes the signed word on a release that devices have on trial. The payload is
// the release's envelope: only what the target's own key released gets one, and
// the verdict is on that very manifest.
#ifndef BOOTSEAL_SERVER_SEALING_VERDICT_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_VERDICT_SEALER_H_

#include <memory>
#include <string>

#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class VerdictSealer final : public Sealer {
 public:
  // INVALID_ARGUMENT with the code of trust::CheckVerdict: what the policy
  // admits passes it already.
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::ReleaseProfile> profile,
      const v1::SignHeader& header);

  // INVALID_ARGUMENT: SIZE_MISMATCH (more than announced).
  absl::Status Payload(absl::string_view chunk) override;
  // SIZE_MISMATCH when bytes are missing; OpenRelease's errors, with
  // SIGNATURE_INVALID for a release of another key; trust::VerdictOf's.
  absl::Status EndOfPayload() override;

  const std::string& payload_sha256() const override { return payload_sha256_; }
  Signable signable() const override;
  v1::Preimage preimage() const override;
  // Errors: of `sign`, and OpenVerdict's.
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  VerdictSealer(std::shared_ptr<const trust::ReleaseProfile> profile,
                const v1::SignHeader& header);

  const std::shared_ptr<const trust::ReleaseProfile> profile_;
  const v1::SignHeader header_;
  std::string release_;  // the envelope
  std::string payload_sha256_;
  std::string statement_;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_VERDICT_SEALER_H_
