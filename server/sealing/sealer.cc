#include "server/sealing/sealer.h"

#include <utility>

#include "base/status.h"
#include "server/sealing/compressed_sealer.h"
#include "server/sealing/range_sealer.h"

namespace bootseal::sealing {
namespace {

using image::mcuboot::Compression;

// One signature.
class PlainSealer final : public Sealer {
 public:
  explicit PlainSealer(std::unique_ptr<McubootSealer> image)
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
  const McubootSealer& first() const override { return *image_; }
  absl::StatusOr<Sealed> Seal(Sign sign) const override {
    return SealWith(*image_, sign);
  }

 private:
  const std::unique_ptr<McubootSealer> image_;
};

}  // namespace

absl::StatusOr<Sealed> SealWith(const McubootSealer& image, Sign sign) {
  absl::StatusOr<Sealed> sealed = base::Internal("no signature was checked");
  const auto check = [&](absl::string_view signature) {
    sealed = image.Seal(signature);
    return sealed.status();
  };
  RETURN_IF_ERROR(sign(image.signable(), check).status());
  return sealed;
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

std::uint64_t BufferedBytes(const image::mcuboot::Rules& rules,
                            const Request& request) {
  const std::uint64_t range = rules.header_size + request.payload_size;
  const bool compressed = request.compression != Compression::kNone;
  if (!rules.pure) return compressed ? request.payload_size : 0;
  if (!compressed) return range;
  // Both images, and what makes the second one.
  return range + request.payload_size + rules.slot_size;
}

}  // namespace bootseal::sealing
