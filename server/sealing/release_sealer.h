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

#include "server/sealing/component_stream.h"
#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class ReleaseSealer final : public Sealer {
 public:
  // INVALID_ARGUMENT with the code of trust::CheckComponents and
  // trust::CheckProvisioning: what the policy admits passes them already.
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::ReleaseProfile> profile,
      const v1::SignHeader& header, std::uint32_t security_counter);

  // INVALID_ARGUMENT: ComponentStream's, NOT_A_FIP for an image whose type says
  // that it is one, and whose table of contents is none (ReadFipTable).
  absl::Status Payload(absl::string_view chunk) override;
  // Errors: ComponentStream's, trust::ManifestOf's.
  absl::Status EndOfPayload() override;

  const std::string& payload_sha256() const override {
    return stream_.payload_sha256();
  }
  std::vector<v1::ComponentDigest> components() const override {
    return stream_.components();
  }
  Signable signable() const override;
  v1::Preimage preimage() const override;
  // Errors: of `sign`, and OpenRelease's.
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  ReleaseSealer(std::shared_ptr<const trust::ReleaseProfile> profile,
                const v1::SignHeader& header, std::uint32_t security_counter);

  absl::Status CheckFront(std::size_t index, const v1::Component& component,
                          absl::string_view front) const;

  const std::shared_ptr<const trust::ReleaseProfile> profile_;
  const v1::SignHeader header_;
  const std::uint32_t security_counter_;
  ComponentStream stream_;
  std::string manifest_;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_RELEASE_SEALER_H_
