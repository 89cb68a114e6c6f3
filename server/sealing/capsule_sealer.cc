#include "server/sealing/capsule_sealer.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/guid.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/signed_data.h"
#include "server/trust/capsule_format.h"
#include "server/trust/request_rules.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToString;

absl::Status Refused(const trust::Answer& objection, absl::string_view field) {
  if (!objection) return absl::OkStatus();
  return base::Invalid(objection->code, field, objection->reason);
}

}  // namespace

CapsuleSealer::CapsuleSealer(
    std::shared_ptr<const trust::CapsuleProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter)
    : profile_(std::move(profile)),
      announced_(header.payload_size()),
      header_(trust::CapsuleHeaderOf(profile_->format(), security_counter)) {
  content_hash_.Update(AsBytes(image::host::SignedInFront(header_)));
}

absl::StatusOr<std::unique_ptr<Sealer>> CapsuleSealer::Start(
    std::shared_ptr<const trust::CapsuleProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter) {
  const v1::Target& target = profile->proto().target();
  RETURN_IF_ERROR(
      Refused(trust::CheckFirmwareSize(target, header), "payload_size"));
  RETURN_IF_ERROR(Refused(trust::CheckFirmwareVersion(target, security_counter),
                          "security_counter"));
  return std::unique_ptr<Sealer>(
      new CapsuleSealer(std::move(profile), header, security_counter));
}

absl::Status CapsuleSealer::Payload(absl::string_view chunk) {
  RETURN_IF_ERROR(CheckNotMore(announced_, received_, chunk.size()));
  received_ += chunk.size();
  RETURN_IF_ERROR(TakeStart(chunk));
  payload_hash_.Update(AsBytes(chunk));
  content_hash_.Update(AsBytes(chunk));
  return absl::OkStatus();
}

absl::Status CapsuleSealer::TakeStart(absl::string_view chunk) {
  if (start_.size() == image::Guid::kBytes) return absl::OkStatus();
  absl::StrAppend(&start_,
                  chunk.substr(0, image::Guid::kBytes - start_.size()));
  if (image::host::HasPayloadHeader(start_)) {
    return base::Invalid(
        "ALREADY_WITH_VERSION", "payload",
        "the firmware begins with a payload header (MSS1), and a device would "
        "believe the version in it; give the firmware alone");
  }
  if (!image::host::FindCapsuleKind(start_)) return absl::OkStatus();
  return base::Invalid("ALREADY_A_CAPSULE", "payload",
                       "the payload is a capsule already; give the firmware "
                       "that it is made of");
}

absl::Status CapsuleSealer::EndOfPayload() {
  RETURN_IF_ERROR(CheckNotFewer(announced_, received_));
  content_hash_.Update(AsBytes(image::host::SignedBehind(header_)));
  content_sha256_ = ToString(content_hash_.Finish().bytes());
  payload_sha256_ = ToString(payload_hash_.Finish().bytes());
  return absl::OkStatus();
}

Signable CapsuleSealer::signable() const {
  const std::string attributes = image::host::SignedAttributes(content_sha256_);
  return {
      ToString(image::HashOf(image::HashAlgorithm::kSha256, AsBytes(attributes))
                   .bytes()),
      {}};
}

v1::Preimage CapsuleSealer::preimage() const {
  v1::Preimage preimage;
  preimage.set_header(image::host::SignedInFront(header_));
  preimage.set_protected_tlvs(image::host::SignedBehind(header_));
  preimage.set_message(image::host::SignedAttributes(content_sha256_));
  return preimage;
}

absl::StatusOr<SealedCapsule> CapsuleSealer::SealWith(
    absl::string_view signature) const {
  const image::host::CapsuleCertificate& certificate = profile_->certificate();
  ASSIGN_OR_RETURN(
      std::string front,
      image::host::WriteCapsuleFront(
          header_,
          image::host::WriteSignedData(certificate, content_sha256_, signature),
          announced_));
  ASSIGN_OR_RETURN(auto capsule,
                   image::host::VerifyCapsule(front, front.size() + announced_,
                                              content_sha256_, certificate));
  if (capsule.front().header != header_) {
    return base::Internal("the capsule reads otherwise than it was made");
  }
  return SealedCapsule{std::move(front), std::move(capsule)};
}

absl::StatusOr<Sealed> CapsuleSealer::Seal(Sign sign) const {
  std::optional<SealedCapsule> sealed;
  const auto check = [&](absl::string_view signature) -> absl::Status {
    ASSIGN_OR_RETURN(auto made, SealWith(signature));
    sealed = std::move(made);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(sign(signable(), check).status());
  if (!sealed) return base::Internal("no signature was checked");
  return *std::move(sealed);
}

}  // namespace bootseal::sealing
