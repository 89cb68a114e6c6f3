#include "server/sealing/range_sealer.h"

#include "base/status.h"
#include "server/sealing/compressed_sealer.h"
#include "server/sealing/range_comparison.h"

namespace bootseal::sealing {

absl::StatusOr<std::unique_ptr<Sealer>> RangeSealer::Start(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request) {
  std::string target = profile->proto().target().name();
  ASSIGN_OR_RETURN(auto image,
                   McubootSealer::Start(std::move(profile), request));
  // The range has its header there.
  RETURN_IF_ERROR(image->Payload(std::string(image->header_room(), '\0')));
  return std::unique_ptr<Sealer>(
      new RangeSealer(std::move(target), std::move(image)));
}

absl::Status RangeSealer::Payload(absl::string_view chunk) {
  return range_.Write(chunk, [this](absl::string_view payload) -> absl::Status {
    if (!header_is_compared_) {
      RETURN_IF_ERROR(
          CompareHeaders(target_, range_.header_bytes(), image_->header()));
      header_is_compared_ = true;
    }
    return image_->Payload(payload);
  });
}

absl::Status RangeSealer::EndOfPayload() {
  RETURN_IF_ERROR(range_.Finish());
  RETURN_IF_ERROR(
      CompareHeaders(target_, range_.header_bytes(), image_->header()));
  RETURN_IF_ERROR(CompareProtected(target_, range_.protected_area(),
                                   image_->protected_area()));
  // The one difference that was left to the areas.
  if (range_.header_bytes() != image_->header()) {
    return base::Invalid("RANGE_DIFFERS", "range",
                         "range's header is not the one that the target "
                         "demands");
  }
  return image_->EndOfPayload().status();
}

absl::StatusOr<Sealed> RangeSealer::Seal(Sign sign) const {
  return SealWith(image_, sign);
}

}  // namespace bootseal::sealing
