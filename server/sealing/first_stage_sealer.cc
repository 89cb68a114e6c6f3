#include "server/sealing/first_stage_sealer.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_table.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/package_rules.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToString;

constexpr absl::string_view kStm32Magic = "STM2";

absl::Status Refused(const trust::Answer& objection, absl::string_view field) {
  if (!objection) return absl::OkStatus();
  return base::Invalid(objection->code, field, objection->reason);
}

}  // namespace

FirstStageSealer::FirstStageSealer(
    std::shared_ptr<const trust::FirstStageProfile> profile,
    const image::stm32::Header& header, std::string front)
    : profile_(std::move(profile)),
      header_(header),
      front_(std::move(front)),
      signed_hash_(image::stm32::SignedHash(header.algorithm)) {
  signed_hash_.Update(AsBytes(front_));
}

absl::StatusOr<std::unique_ptr<Sealer>> FirstStageSealer::Start(
    std::shared_ptr<const trust::FirstStageProfile> profile,
    const v1::SignHeader& header, std::uint32_t security_counter) {
  const v1::Target& target = profile->proto().target();
  RETURN_IF_ERROR(
      Refused(trust::CheckFirstStageSize(target, header), "payload_size"));
  RETURN_IF_ERROR(Refused(trust::CheckImageVersion(target, security_counter),
                          "security_counter"));
  ASSIGN_OR_RETURN(
      const auto planned,
      image::host::PlanStm32Header(
          trust::DescriptionOf(profile->format(), security_counter),
          header.payload_size(), profile->keys()));
  ASSIGN_OR_RETURN(std::string front, image::host::SignedStm32Front(planned));
  return std::unique_ptr<Sealer>(
      new FirstStageSealer(std::move(profile), planned, std::move(front)));
}

absl::Status FirstStageSealer::Payload(absl::string_view chunk) {
  RETURN_IF_ERROR(
      CheckNotMore(header_.image_length, measured_.bytes, chunk.size()));
  RETURN_IF_ERROR(TakeStart(chunk));
  measured_.bytes += chunk.size();
  measured_.checksum += image::stm32::ChecksumOf(AsBytes(chunk));
  signed_hash_.Update(AsBytes(chunk));
  payload_hash_.Update(AsBytes(chunk));
  return absl::OkStatus();
}

absl::Status FirstStageSealer::TakeStart(absl::string_view chunk) {
  if (start_.size() == kStm32Magic.size()) return absl::OkStatus();
  absl::StrAppend(&start_, chunk.substr(0, kStm32Magic.size() - start_.size()));
  if (start_ == kStm32Magic) {
    return base::Invalid("ALREADY_A_FIRST_STAGE", "payload",
                         "the payload has an STM32 header already; give what "
                         "it is put in front of (tf-a.bin)");
  }
  if (!image::host::BeginsAsFip(start_)) return absl::OkStatus();
  return base::Invalid("ALREADY_A_PACKAGE", "payload",
                       "the payload is a package (FIP), which no boot ROM "
                       "starts; give the first stage");
}

absl::Status FirstStageSealer::EndOfPayload() {
  RETURN_IF_ERROR(CheckNotFewer(header_.image_length, measured_.bytes));
  measured_.digest = signed_hash_.Finish();
  payload_sha256_ = ToString(payload_hash_.Finish().bytes());
  return absl::OkStatus();
}

Signable FirstStageSealer::signable() const {
  return {ToString(measured_.digest.bytes()), {}};
}

v1::Preimage FirstStageSealer::preimage() const {
  v1::Preimage preimage;
  preimage.set_header(front_);
  return preimage;
}

absl::StatusOr<Sealed> FirstStageSealer::Seal(Sign sign) const {
  std::optional<image::host::VerifiedStm32Header> sealed;
  const auto check = [&](absl::string_view signature) -> absl::Status {
    ASSIGN_OR_RETURN(
        auto made, image::host::SealStm32Header(header_, measured_, signature));
    sealed.emplace(std::move(made));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(sign(signable(), check).status());
  if (!sealed) return base::Internal("no signature was checked");
  return SealedFirstStage{*std::move(sealed), profile_->fused_hash()};
}

}  // namespace bootseal::sealing
