#include "server/sealing/release_sealer.h"

#include <algorithm>
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
      security_counter_(security_counter) {}

absl::StatusOr<std::unique_ptr<Sealer>> ReleaseSealer::Start(
    std::shared_ptr<const trust::ReleaseProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter) {
  const v1::Target& target = profile->proto().target();
  RETURN_IF_ERROR(Refused(trust::CheckComponents(target, header)));
  RETURN_IF_ERROR(Refused(trust::CheckProvisioning(target, header)));
  return std::unique_ptr<Sealer>(
      new ReleaseSealer(std::move(profile), header, security_counter));
}

const v1::ReleaseImage& ReleaseSealer::image() const {
  return profile_->format().images(static_cast<int>(components_.size()));
}

const v1::Component& ReleaseSealer::component() const {
  return header_.components(static_cast<int>(components_.size()));
}

absl::Status ReleaseSealer::Payload(absl::string_view chunk) {
  RETURN_IF_ERROR(
      CheckNotMore(header_.payload_size(), received_, chunk.size()));
  received_ += chunk.size();
  payload_hash_.Update(AsBytes(chunk));
  while (!chunk.empty()) {
    const std::uint64_t size = component().size();
    const absl::string_view part =
        chunk.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(
                            chunk.size(), size - image_received_)));
    RETURN_IF_ERROR(TakeStart(part));
    image_hash_.Update(AsBytes(part));
    image_received_ += part.size();
    chunk.remove_prefix(part.size());
    if (image_received_ == size) RETURN_IF_ERROR(EndOfImage());
  }
  return absl::OkStatus();
}

absl::Status ReleaseSealer::TakeStart(absl::string_view part) {
  const std::size_t wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(image::host::kFipFrontBytes, component().size()));
  if (start_.size() == wanted) return absl::OkStatus();
  absl::StrAppend(&start_, part.substr(0, wanted - start_.size()));
  return start_.size() == wanted ? CheckStart() : absl::OkStatus();
}

absl::Status ReleaseSealer::CheckStart() const {
  if (!trust::IsFip(image())) return absl::OkStatus();
  const auto table =
      image::host::ReadFipTable(start_, component().size()).status();
  if (table.ok()) return absl::OkStatus();
  return base::Invalid(
      "NOT_A_FIP", "components",
      absl::StrCat("image ", image().name(), " begins with ",
                   absl::BytesToHexString(start_.substr(0, 4)), ": ",
                   table.message(), "; give the file that fiptool made"));
}

absl::Status ReleaseSealer::EndOfImage() {
  v1::ComponentDigest made;
  made.set_name(component().name());
  made.set_size(component().size());
  made.set_sha256(ToString(image_hash_.Finish().bytes()));
  components_.push_back(std::move(made));
  image_hash_ = image::Hash(image::HashAlgorithm::kSha256);
  image_received_ = 0;
  start_.clear();
  return absl::OkStatus();
}

absl::Status ReleaseSealer::EndOfPayload() {
  RETURN_IF_ERROR(CheckNotFewer(header_.payload_size(), received_));
  ASSIGN_OR_RETURN(const auto manifest,
                   trust::ManifestOf(profile_->proto().target(), header_,
                                     security_counter_, components_));
  manifest_ = image::host::WriteManifest(manifest);
  payload_sha256_ = ToString(payload_hash_.Finish().bytes());
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
