#include "server/sealing/compressed_sealer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"

namespace bootseal::sealing {
namespace {

using image::host::CipherPadding;
using image::host::Decompressor;

constexpr absl::string_view kOnceDecompressed = "once decompressed";

// As large as what it stands for can get.
Decompressed Placeholder(const image::mcuboot::Rules& rules) {
  return {
      0, 0, std::string(image::HashSize(rules.hash), '\0'),
      std::string(image::TraitsOf(rules.algorithm)->max_signature_size, '\0')};
}

// The caller fills the last block, as it is signed.
CipherPadding PaddingOf(const Request& request) {
  return request.encrypted ? CipherPadding::kZeros : CipherPadding::kNone;
}

}  // namespace

CompressedSealer::CompressedSealer(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request)
    : profile_(std::move(profile)),
      request_(request),
      decompressor_(request.compression, profile_->rules().slot_size,
                    PaddingOf(request)) {
  payload_.reserve(static_cast<std::size_t>(request.payload_size));
}

absl::StatusOr<std::unique_ptr<Sealer>> CompressedSealer::Start(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request) {
  Request outer = request;
  outer.decompressed = Placeholder(profile->rules());
  RETURN_IF_ERROR(McubootSealer::Start(profile, outer).status());
  return std::unique_ptr<Sealer>(
      new CompressedSealer(std::move(profile), request));
}

absl::Status CompressedSealer::Payload(absl::string_view chunk) {
  RETURN_IF_ERROR(
      CheckNotMore(request_.payload_size, payload_.size(), chunk.size()));
  RETURN_IF_ERROR(decompressor_.Write(
      chunk, [](absl::string_view) { return absl::OkStatus(); }));
  absl::StrAppend(&payload_, chunk);
  return absl::OkStatus();
}

absl::Status CompressedSealer::EndOfPayload() {
  RETURN_IF_ERROR(CheckNotFewer(request_.payload_size, payload_.size()));
  RETURN_IF_ERROR(
      decompressor_.Finish([](absl::string_view) { return absl::OkStatus(); }));
  payload_sha256_ =
      image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                          image::host::AsBytes(payload_))
                                .bytes());
  return base::Annotate(MakePlain(), kOnceDecompressed);
}

absl::Status CompressedSealer::MakePlain() {
  Request request = request_;
  request.payload_size = decompressor_.size();
  request.carries_receipt = false;  // that is of the image around it
  ASSIGN_OR_RETURN(plain_, McubootSealer::Start(profile_, request));
  const auto take = [this](absl::string_view block) {
    return plain_->Payload(block);
  };
  Decompressor again(request_.compression, profile_->rules().slot_size,
                     PaddingOf(request_));
  RETURN_IF_ERROR(again.Write(payload_, take));
  RETURN_IF_ERROR(again.Finish(take));
  return plain_->EndOfPayload().status();
}

absl::StatusOr<Sealed> CompressedSealer::Seal(Sign sign) const {
  std::string signature;
  const auto check = [&](absl::string_view bytes) {
    signature = std::string(bytes);
    return base::Annotate(plain_->Seal(bytes).status(), kOnceDecompressed);
  };
  RETURN_IF_ERROR(sign(plain_->signable(), check).status());
  ASSIGN_OR_RETURN(const auto image, MakeCompressed(signature));
  return SealWith(image, sign);
}

absl::StatusOr<std::shared_ptr<McubootSealer>> CompressedSealer::MakeCompressed(
    const std::string& signature) const {
  Request request = request_;
  request.decompressed =
      Decompressed{static_cast<std::uint32_t>(decompressor_.size()),
                   static_cast<std::uint32_t>(decompressor_.compressed_size()),
                   plain_->signable().digest, signature};
  ASSIGN_OR_RETURN(std::shared_ptr<McubootSealer> image,
                   McubootSealer::Start(profile_, request));
  RETURN_IF_ERROR(image->Payload(payload_));
  RETURN_IF_ERROR(image->EndOfPayload().status());
  return image;
}

}  // namespace bootseal::sealing
