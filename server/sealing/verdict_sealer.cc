#include "server/sealing/verdict_sealer.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "server/trust/release_format.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::sealing {

using image::host::AsBytes;
using image::host::ToString;

VerdictSealer::VerdictSealer(
    std::shared_ptr<const trust::ReleaseProfile> profile,
    const v1::SignHeader& header)
    : profile_(std::move(profile)), header_(header) {}

absl::StatusOr<std::unique_ptr<Sealer>> VerdictSealer::Start(
    std::shared_ptr<const trust::ReleaseProfile> profile,
    const v1::SignHeader& header) {
  if (const trust::Answer objection =
          trust::CheckVerdict(profile->proto().target(), header)) {
    return base::Invalid(objection->code, "verdict", objection->reason);
  }
  return std::unique_ptr<Sealer>(new VerdictSealer(std::move(profile), header));
}

absl::Status VerdictSealer::Payload(absl::string_view chunk) {
  RETURN_IF_ERROR(
      CheckNotMore(header_.payload_size(), release_.size(), chunk.size()));
  absl::StrAppend(&release_, chunk);
  return absl::OkStatus();
}

absl::Status VerdictSealer::EndOfPayload() {
  RETURN_IF_ERROR(CheckNotFewer(header_.payload_size(), release_.size()));
  ASSIGN_OR_RETURN(const auto release,
                   image::host::OpenRelease(release_, "", profile_->trust()));
  ASSIGN_OR_RETURN(const auto verdict,
                   trust::VerdictOf(profile_->proto().target(), header_,
                                    release.manifest()));
  statement_ = image::host::WriteVerdict(verdict);
  payload_sha256_ = ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(release_)).bytes());
  return absl::OkStatus();
}

Signable VerdictSealer::signable() const {
  const image::Digest digest =
      image::host::ManifestDigest(profile_->algorithm(), statement_);
  return {ToString(digest.bytes()), {}};
}

v1::Preimage VerdictSealer::preimage() const {
  v1::Preimage preimage;
  preimage.set_message(trust::ReleaseMessage(statement_));
  return preimage;
}

absl::StatusOr<Sealed> VerdictSealer::Seal(Sign sign) const {
  std::optional<SealedVerdict> sealed;
  const auto check = [&](absl::string_view signature) -> absl::Status {
    std::string envelope = image::host::WriteEnvelope(
        {image::host::kManifestPayloadType, statement_,
         absl::BytesToHexString(profile_->key_hash()), std::string(signature)});
    ASSIGN_OR_RETURN(auto verdict,
                     image::host::OpenVerdict(envelope, "", profile_->trust()));
    sealed = SealedVerdict{std::move(envelope), std::move(verdict)};
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(sign(signable(), check).status());
  if (!sealed) return base::Internal("no signature was checked");
  return *std::move(sealed);
}

}  // namespace bootseal::sealing
