// Makes the signed manifest of a release while its images stream past, one
// after another, and proves it with the verifier that devices open it with.
// Nothing of the images is kept.
#ifndef BOOTSEAL_SERVER_SEALING_RELEASE_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_RELEASE_SEALER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "firmware/image/crypto.h"
#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class ReleaseSealer final : public Sealer {
 public:
  // INVALID_ARGUMENT with the code of trust::CheckComponents and
  // trust::CheckProvisioning: what the policy admits passes them already.
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::ReleaseProfile> profile,
      const v1::SignHeader& header, std::uint32_t security_counter);

  // INVALID_ARGUMENT: SIZE_MISMATCH (more than announced), NOT_A_FIP for an
  // image whose type says that it is one, and whose table of contents is none
  // (ReadFipTable).
  absl::Status Payload(absl::string_view chunk) override;
  // SIZE_MISMATCH when bytes are missing; trust::ManifestOf's errors.
  absl::Status EndOfPayload() override;

  const std::string& payload_sha256() const override { return payload_sha256_; }
  std::vector<v1::ComponentDigest> components() const override {
    return components_;
  }
  Signable signable() const override;
  v1::Preimage preimage() const override;
  // Errors: of `sign`, and OpenRelease's.
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  ReleaseSealer(std::shared_ptr<const trust::ReleaseProfile> profile,
                const v1::SignHeader& header, std::uint32_t security_counter);

  const v1::ReleaseImage& image() const;   // that streams now
  const v1::Component& component() const;  // and what was said of it
  absl::Status TakeStart(absl::string_view part);
  absl::Status CheckStart() const;
  absl::Status EndOfImage();

  const std::shared_ptr<const trust::ReleaseProfile> profile_;
  const v1::SignHeader header_;
  const std::uint32_t security_counter_;
  std::uint64_t received_ = 0;
  image::Hash payload_hash_{image::HashAlgorithm::kSha256};
  // Of the image that streams now.
  image::Hash image_hash_{image::HashAlgorithm::kSha256};
  std::uint64_t image_received_ = 0;
  std::string start_;  // up to kFipFrontBytes
  // Of those that are complete.
  std::vector<v1::ComponentDigest> components_;
  std::string payload_sha256_;
  std::string manifest_;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_RELEASE_SEALER_H_
