#include "server/sealing/sealer.h"

#include <cstddef>
#include <utility>

#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/sealing/capsule_sealer.h"
#include "server/sealing/compressed_sealer.h"
#include "server/sealing/first_stage_sealer.h"
#include "server/sealing/package_sealer.h"
#include "server/sealing/range_sealer.h"
#include "server/sealing/release_sealer.h"
#include "server/sealing/verdict_sealer.h"

namespace bootseal::sealing {
namespace {

using image::mcuboot::Compression;

// One signature.
class PlainSealer final : public Sealer {
 public:
  explicit PlainSealer(std::shared_ptr<McubootSealer> image)
      : image_(std::move(image)) {}

  absl::Status Payload(absl::string_view chunk) override {
    return image_->Payload(chunk);
  }
  absl::Status EndOfPayload() override {
    return image_->EndOfPayload().status();
  }
  const std::string& payload_sha256() const override {
    return image_->payload_sha256();
  }
  Signable signable() const override { return image_->signable(); }
  v1::Preimage preimage() const override { return image_->preimage(); }
  absl::StatusOr<Sealed> Seal(Sign sign) const override {
    return SealWith(image_, sign);
  }

 private:
  const std::shared_ptr<McubootSealer> image_;
};

// Judged to be the target's already.
absl::StatusOr<Request> RequestOf(
    const trust::McubootProfile& profile, const v1::SignHeader& header,
    std::optional<std::uint32_t> security_counter) {
  Request request;
  ASSIGN_OR_RETURN(request.version,
                   image::host::ParseVersion(header.version()));
  request.payload_size = header.payload_size();
  request.vendor_tlvs.assign(header.vendor_tlvs().begin(),
                             header.vendor_tlvs().end());
  request.encrypted = header.encrypted();
  request.carries_receipt =
      trust::CarriesReceipt(profile.proto().target(), header);
  request.security_counter = security_counter;
  if (header.compression() != v1::COMPRESSION_UNSPECIFIED) {
    request.compression = profile.rules().compression;
  }
  if (header.has_signed_range()) {
    request.header_padding =
        static_cast<std::byte>(header.signed_range().header_padding());
  }
  return request;
}

// One overload for each format.
struct Start {
  const v1::SignHeader& header;
  const std::optional<std::uint32_t> security_counter;

  absl::StatusOr<std::unique_ptr<Sealer>> operator()(
      const std::shared_ptr<const trust::McubootProfile>& profile) const {
    ASSIGN_OR_RETURN(const Request request,
                     RequestOf(*profile, header, security_counter));
    return StartSealer(profile, request);
  }
  absl::StatusOr<std::unique_ptr<Sealer>> operator()(
      const std::shared_ptr<const trust::ReleaseProfile>& profile) const {
    if (header.has_verdict()) return VerdictSealer::Start(profile, header);
    return ReleaseSealer::Start(profile, header, security_counter.value_or(0));
  }
  absl::StatusOr<std::unique_ptr<Sealer>> operator()(
      const std::shared_ptr<const trust::CapsuleProfile>& profile) const {
    return CapsuleSealer::Start(profile, header, security_counter.value_or(0));
  }
  absl::StatusOr<std::unique_ptr<Sealer>> operator()(
      const std::shared_ptr<const trust::PackageProfile>& profile) const {
    return PackageSealer::Start(profile, header, security_counter.value_or(0));
  }
  absl::StatusOr<std::unique_ptr<Sealer>> operator()(
      const std::shared_ptr<const trust::FirstStageProfile>& profile) const {
    return FirstStageSealer::Start(profile, header,
                                   security_counter.value_or(0));
  }
};

struct Buffered {
  const v1::SignHeader& header;

  std::uint64_t operator()(
      const std::shared_ptr<const trust::McubootProfile>& profile) const {
    const image::mcuboot::Rules& rules = profile->rules();
    const std::uint64_t payload = header.payload_size();
    const std::uint64_t range = rules.header_size + payload;
    const bool compressed = header.compression() != v1::COMPRESSION_UNSPECIFIED;
    if (!rules.pure) return compressed ? payload : 0;
    if (!compressed) return range;
    // Both images, and what makes the second one.
    return range + payload + rules.slot_size;
  }
  std::uint64_t operator()(
      const std::shared_ptr<const trust::ReleaseProfile>&) const {
    return header.has_verdict() ? header.payload_size() : 0;
  }
  // They keep nothing.
  template <typename Profile>
  std::uint64_t operator()(const std::shared_ptr<const Profile>&) const {
    return 0;
  }
};

}  // namespace

absl::StatusOr<Sealed> SealWith(std::shared_ptr<const McubootSealer> image,
                                Sign sign) {
  absl::StatusOr<Sealed> sealed = base::Internal("no signature was checked");
  const auto check = [&](absl::string_view signature) {
    absl::StatusOr<SealedImage> made = image->Seal(signature);
    RETURN_IF_ERROR(made.status());
    made->sealer = image;
    made->signature = std::string(signature);
    sealed = *std::move(made);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(sign(image->signable(), check).status());
  return sealed;
}

absl::StatusOr<Sealed> WithReceipt(const Sealed& sealed,
                                   absl::string_view receipt) {
  const auto* image = std::get_if<SealedImage>(&sealed);
  if (image == nullptr || image->sealer == nullptr) {
    return base::Internal("what was sealed is no image that carries a receipt");
  }
  return image->sealer->SealWithReceipt(image->signature, receipt);
}

absl::StatusOr<std::unique_ptr<Sealer>> StartSealer(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request) {
  if (request.header_padding) {
    return RangeSealer::Start(std::move(profile), request);
  }
  if (request.compression != Compression::kNone) {
    return CompressedSealer::Start(std::move(profile), request);
  }
  ASSIGN_OR_RETURN(auto image,
                   McubootSealer::Start(std::move(profile), request));
  return std::make_unique<PlainSealer>(std::move(image));
}

absl::StatusOr<std::unique_ptr<Sealer>> StartSealer(
    const trust::TargetProfile& profile, const v1::SignHeader& header,
    std::optional<std::uint32_t> security_counter) {
  return std::visit(Start{header, security_counter}, profile.format());
}

std::uint64_t BufferedBytes(const trust::TargetProfile& profile,
                            const v1::SignHeader& header) {
  return std::visit(Buffered{header}, profile.format());
}

}  // namespace bootseal::sealing
