// Makes the STM32 header of one first stage while its payload streams past, and
// proves it with the model of the boot ROM. Nothing of the payload is kept.
#ifndef BOOTSEAL_SERVER_SEALING_FIRST_STAGE_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_FIRST_STAGE_SEALER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "firmware/image/crypto.h"
#include "firmware/image/host/stm32_image.h"
#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class FirstStageSealer final : public Sealer {
 public:
  // INVALID_ARGUMENT with the codes of trust::CheckFirstStageSize,
  // trust::CheckImageVersion: what the policy admits passes them already; those
  // of image::host::PlanStm32Header.
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::FirstStageProfile> profile,
      const v1::SignHeader& header, std::uint32_t security_counter);

  // INVALID_ARGUMENT: SIZE_MISMATCH (more than announced),
  // ALREADY_A_FIRST_STAGE for a payload with an STM32 header, ALREADY_A_PACKAGE
  // for a FIP.
  absl::Status Payload(absl::string_view chunk) override;
  // SIZE_MISMATCH when bytes are missing.
  absl::Status EndOfPayload() override;

  const std::string& payload_sha256() const override { return payload_sha256_; }
  Signable signable() const override;
  v1::Preimage preimage() const override;
  // Errors: of `sign`, and image::host::SealStm32Header's.
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  FirstStageSealer(std::shared_ptr<const trust::FirstStageProfile> profile,
                   const image::stm32::Header& header, std::string front);

  absl::Status TakeStart(absl::string_view chunk);

  const std::shared_ptr<const trust::FirstStageProfile> profile_;
  const image::stm32::Header header_;
  const std::string front_;  // what is signed in front of the payload
  std::string start_;        // the payload's first bytes
  image::stm32::Measured measured_;
  image::Hash signed_hash_;
  image::Hash payload_hash_{image::HashAlgorithm::kSha256};
  std::string payload_sha256_;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_FIRST_STAGE_SEALER_H_
