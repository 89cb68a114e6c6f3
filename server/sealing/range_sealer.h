// Signs a range that another tool made (firmware/image/host/signed_range.h).
// The server makes header and protected area itself, from target and request,
// as for a payload; what was sent must be equal to them, byte for byte, and the
// payload between goes the way of every payload. So what is signed is what the
// target demands, whoever made it.
#ifndef BOOTSEAL_SERVER_SEALING_RANGE_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_RANGE_SEALER_H_

#include <memory>
#include <string>
#include <utility>

#include "firmware/image/host/signed_range.h"
#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class RangeSealer final : public Sealer {
 public:
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::McubootProfile> profile,
      const Request& request);

  // Errors: RangeReader's, CompareHeaders', McubootSealer's.
  absl::Status Payload(absl::string_view chunk) override;
  // Errors: RangeReader's, CompareProtected's.
  absl::Status EndOfPayload() override;
  // Of the payload alone, behind header room of zeros where the target has it:
  // that of a request that uploads the payload.
  const std::string& payload_sha256() const override {
    return image_->payload_sha256();
  }
  Signable signable() const override { return image_->signable(); }
  v1::Preimage preimage() const override { return image_->preimage(); }
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  RangeSealer(std::string target, std::shared_ptr<McubootSealer> image)
      : target_(std::move(target)), image_(std::move(image)) {}

  const std::string target_;
  const std::shared_ptr<McubootSealer> image_;
  image::host::RangeReader range_;
  bool header_is_compared_ = false;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_RANGE_SEALER_H_
