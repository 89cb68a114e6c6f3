// Makes one UEFI capsule while its firmware streams past, and proves its
// signature as whoever holds the certificate does. Nothing of the firmware is
// kept.
#ifndef BOOTSEAL_SERVER_SEALING_CAPSULE_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_CAPSULE_SEALER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "firmware/image/crypto.h"
#include "firmware/image/host/capsule.h"
#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class CapsuleSealer final : public Sealer {
 public:
  // INVALID_ARGUMENT with the code of trust::CheckFirmwareSize and
  // trust::CheckFirmwareVersion: what the policy admits passes them already.
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::CapsuleProfile> profile,
      const v1::SignHeader& header, std::uint32_t security_counter);

  // INVALID_ARGUMENT: SIZE_MISMATCH (more than announced), ALREADY_A_CAPSULE,
  // ALREADY_WITH_VERSION for a firmware that begins with a payload header of
  // its own: devices would believe the version in it.
  absl::Status Payload(absl::string_view chunk) override;
  // SIZE_MISMATCH when bytes are missing.
  absl::Status EndOfPayload() override;

  const std::string& payload_sha256() const override { return payload_sha256_; }
  Signable signable() const override;
  v1::Preimage preimage() const override;
  // Errors: of `sign`, and image::host::VerifyCapsule's.
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  CapsuleSealer(std::shared_ptr<const trust::CapsuleProfile> profile,
                const v1::SignHeader& header, std::uint32_t security_counter);

  absl::Status TakeStart(absl::string_view chunk);
  absl::StatusOr<SealedCapsule> SealWith(absl::string_view signature) const;

  const std::shared_ptr<const trust::CapsuleProfile> profile_;
  const std::uint64_t announced_;
  const image::host::CapsuleHeader header_;
  std::uint64_t received_ = 0;
  std::string start_;  // up to the length of a GUID
  image::Hash payload_hash_{image::HashAlgorithm::kSha256};
  // Over what is signed.
  image::Hash content_hash_{image::HashAlgorithm::kSha256};
  std::string payload_sha256_;
  std::string content_sha256_;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_CAPSULE_SEALER_H_
