// Makes the certificates of one package (FIP) while its images stream past, and
// proves them with the verifier that devices start packages with. Nothing of
// the images is kept.
#ifndef BOOTSEAL_SERVER_SEALING_PACKAGE_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_PACKAGE_SEALER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "firmware/image/host/package_certificates.h"
#include "server/sealing/component_stream.h"
#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class PackageSealer final : public Sealer {
 public:
  // INVALID_ARGUMENT with the code of trust::CheckComponents: what the policy
  // admits passes it already.
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::PackageProfile> profile,
      const v1::SignHeader& header, std::uint32_t security_counter);

  // INVALID_ARGUMENT: ComponentStream's; ALREADY_A_PACKAGE for an image that
  // begins as a FIP or an encrypted image does, ALREADY_A_FIRST_STAGE for one
  // with an STM32 header, ALREADY_A_CERTIFICATE.
  absl::Status Payload(absl::string_view chunk) override;
  // Errors: ComponentStream's, image::host::PlanCertificates'.
  absl::Status EndOfPayload() override;

  const std::string& payload_sha256() const override {
    return stream_.payload_sha256();
  }
  std::vector<v1::ComponentDigest> components() const override {
    return stream_.components();
  }
  // The first certificate's.
  Signable signable() const override { return SignableOf(planned_.front()); }
  v1::Preimage preimage() const override {
    return PreimageOf(planned_.front());
  }
  std::vector<ToSign> to_sign() const override;
  // Errors: of `sign`, image::host::SealCertificate's, the verifier's.
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  using Planned = image::host::PlannedCertificate;

  PackageSealer(std::shared_ptr<const trust::PackageProfile> profile,
                const v1::SignHeader& header, std::uint32_t security_counter);

  Signable SignableOf(const Planned& planned) const;
  static v1::Preimage PreimageOf(const Planned& planned);
  absl::StatusOr<image::certificate::VerifiedPackage> Prove(
      const std::vector<v1::Certificate>& certificates) const;

  const std::shared_ptr<const trust::PackageProfile> profile_;
  const v1::SignHeader header_;
  const std::uint32_t security_counter_;
  ComponentStream stream_;
  std::vector<Planned> planned_;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_PACKAGE_SEALER_H_
