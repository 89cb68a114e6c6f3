#include "server/sealing/release_sealer.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "firmware/image/host/fip_table.h"
#include "server/trust/release_format.h"
#include "server/trust/request_rules.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToString;

absl::Status Refused(const trust::Answer& objection) {
  if (!objection) return absl::OkStatus();
  return base::Invalid(objection->code, "components", objection->reason);
}

}  // namespace

ReleaseSealer::ReleaseSealer(
    std::shared_ptr<const trust::ReleaseProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter)
    : profile_(std::move(profile)),
      header_(header),
      security_counter_(security_counter),
      stream_(header) {}

absl::StatusOr<std::unique_ptr<Sealer>> ReleaseSealer::Start(
    std::shared_ptr<const trust::ReleaseProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter) {
  const v1::Target& target = profile->proto().target();
  RETURN_IF_ERROR(Refused(trust::CheckComponents(target, header)));
  RETURN_IF_ERROR(Refused(trust::CheckProvisioning(target, header)));
  return std::unique_ptr<Sealer>(
      new ReleaseSealer(std::move(profile), header, security_counter));
}

absl::Status ReleaseSealer::Payload(absl::string_view chunk) {
  return stream_.Payload(
      chunk, [this](std::size_t index, const v1::Component& component,
                    absl::string_view front) {
        return CheckFront(index, component, front);
      });
}

absl::Status ReleaseSealer::CheckFront(std::size_t index,
                                       const v1::Component& component,
                                       absl::string_view front) const {
  const v1::ReleaseImage& image =
      profile_->format().images(static_cast<int>(index));
  if (!trust::IsFip(image)) return absl::OkStatus();
  const auto table =
      image::host::ReadFipTable(front, component.size()).status();
  if (table.ok()) return absl::OkStatus();
  return base::Invalid(
      "NOT_A_FIP", "components",
      absl::StrCat("image ", image.name(), " begins with ",
                   absl::BytesToHexString(front.substr(0, 4)), ": ",
                   table.message(), "; give the file that fiptool made"));
}

absl::Status ReleaseSealer::EndOfPayload() {
  RETURN_IF_ERROR(stream_.EndOfPayload());
  ASSIGN_OR_RETURN(const auto manifest,
                   trust::ManifestOf(profile_->proto().target(), header_,
                                     security_counter_, stream_.components()));
  manifest_ = image::host::WriteManifest(manifest);
  return absl::OkStatus();
}

Signable ReleaseSealer::signable() const {
  const image::Digest digest =
      image::host::ManifestDigest(profile_->algorithm(), manifest_);
  return {ToString(digest.bytes()), {}};
}

v1::Preimage ReleaseSealer::preimage() const {
  v1::Preimage preimage;
  preimage.set_message(trust::ReleaseMessage(manifest_));
  return preimage;
}

absl::StatusOr<Sealed> ReleaseSealer::Seal(Sign sign) const {
  std::optional<SealedRelease> sealed;
  const auto check = [&](absl::string_view signature) -> absl::Status {
    std::string envelope = image::host::WriteEnvelope(
        {image::host::kManifestPayloadType, manifest_,
         absl::BytesToHexString(profile_->key_hash()), std::string(signature)});
    ASSIGN_OR_RETURN(auto release,
                     image::host::OpenRelease(envelope, "", profile_->trust()));
    sealed = SealedRelease{std::move(envelope), std::move(release)};
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(sign(signable(), check).status());
  if (!sealed) return base::Internal("no signature was checked");
  return *std::move(sealed);
}

}  // namespace bootseal::sealing
