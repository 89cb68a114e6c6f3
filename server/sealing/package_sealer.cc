#include "server/sealing/package_sealer.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/certificate/verifier.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_table.h"
#include "server/trust/package_format.h"
#include "server/trust/request_rules.h"

namespace bootseal::sealing {
namespace {

namespace certificate = image::certificate;
using image::host::AsBytes;

constexpr absl::string_view kStm32Magic = "STM2";

absl::Status Already(absl::string_view reason, const v1::Component& component,
                     absl::string_view what) {
  return base::Invalid(reason, component.name(),
                       absl::StrCat("component ", component.name(), " ", what));
}

// What was signed or wrapped already is never what the second stage starts.
absl::Status CheckFront(const v1::Component& component,
                        absl::string_view front) {
  if (image::host::BeginsAsFip(front)) {
    return Already("ALREADY_A_PACKAGE", component,
                   "begins as a package (FIP) does, or an encrypted image, "
                   "whose plain bytes certificates name; give the image that "
                   "the build made");
  }
  if (absl::StartsWith(front, kStm32Magic)) {
    return Already("ALREADY_A_FIRST_STAGE", component,
                   "begins with an STM32 header, which the boot ROM reads and "
                   "no second stage does; sign it with a target for first "
                   "stages");
  }
  if (front.size() == component.size() &&
      certificate::ReadCertificate(AsBytes(front)).ok()) {
    return Already("ALREADY_A_CERTIFICATE", component,
                   "is a certificate of a package; give the image that it is "
                   "about");
  }
  return absl::OkStatus();
}

absl::Status VerifierSays(const certificate::Verifier& verifier,
                          image::Error error) {
  return base::Annotate(image::host::ToStatus(error),
                        certificate::NameOf(verifier.place()));
}

}  // namespace

PackageSealer::PackageSealer(
    std::shared_ptr<const trust::PackageProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter)
    : profile_(std::move(profile)),
      header_(header),
      security_counter_(security_counter),
      stream_(header) {}

absl::StatusOr<std::unique_ptr<Sealer>> PackageSealer::Start(
    std::shared_ptr<const trust::PackageProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter) {
  const trust::Answer objection =
      trust::CheckComponents(profile->proto().target(), header);
  if (objection) {
    return base::Invalid(objection->code, "components", objection->reason);
  }
  return std::unique_ptr<Sealer>(
      new PackageSealer(std::move(profile), header, security_counter));
}

absl::Status PackageSealer::Payload(absl::string_view chunk) {
  return stream_.Payload(chunk, [](std::size_t, const v1::Component& component,
                                   absl::string_view front) {
    return CheckFront(component, front);
  });
}

absl::Status PackageSealer::EndOfPayload() {
  RETURN_IF_ERROR(stream_.EndOfPayload());
  ASSIGN_OR_RETURN(planned_,
                   image::host::PlanCertificates(trust::CertificatesFor(
                       profile_->format(), header_, security_counter_,
                       profile_->keys(), stream_.components())));
  return absl::OkStatus();
}

Signable PackageSealer::SignableOf(const Planned& planned) const {
  return {planned.digest, {}, certificate::TraitsOf(planned.role).name};
}

v1::Preimage PackageSealer::PreimageOf(const Planned& planned) {
  v1::Preimage preimage;
  preimage.set_message(planned.to_be_signed);
  return preimage;
}

std::vector<ToSign> PackageSealer::to_sign() const {
  std::vector<ToSign> all;
  for (const Planned& planned : planned_) {
    all.push_back({SignableOf(planned), PreimageOf(planned)});
  }
  return all;
}

absl::StatusOr<certificate::VerifiedPackage> PackageSealer::Prove(
    const std::vector<v1::Certificate>& certificates) const {
  certificate::Verifier verifier(profile_->rules());
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const image::Error error = verifier.AddCertificate(
        planned_[i].role, AsBytes(certificates[i].der()));
    if (error != image::Error::kOk) return VerifierSays(verifier, error);
  }
  for (const v1::ComponentDigest& component : stream_.components()) {
    const image::Error error =
        verifier.AddImage(*trust::ImageRoleOf(component.name()),
                          image::Digest(AsBytes(component.sha256())));
    if (error != image::Error::kOk) return VerifierSays(verifier, error);
  }
  const auto verified = verifier.Finish();
  if (!verified.ok()) return VerifierSays(verifier, verified.error());
  return *verified;
}

absl::StatusOr<Sealed> PackageSealer::Seal(Sign sign) const {
  std::vector<v1::Certificate> certificates;
  for (const Planned& planned : planned_) {
    v1::Certificate made;
    made.set_name(certificate::TraitsOf(planned.role).name);
    const auto check = [&](absl::string_view signature) -> absl::Status {
      ASSIGN_OR_RETURN(*made.mutable_der(),
                       image::host::SealCertificate(planned, signature));
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(sign(SignableOf(planned), check).status());
    if (made.der().empty()) return base::Internal("no signature was checked");
    certificates.push_back(std::move(made));
  }
  ASSIGN_OR_RETURN(const auto proof, Prove(certificates));
  return SealedPackage{std::move(certificates), proof};
}

}  // namespace bootseal::sealing
