// Seals a payload that was sent compressed. The device checks two images: the
// one that it gets, and the one that it makes of it, which is what runs. So
// there are two signatures; the first goes into the TLVs that the second one
// covers, and the compressed payload is kept until then. Facts: mcuboot 1.13.
#ifndef BOOTSEAL_SERVER_SEALING_COMPRESSED_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_COMPRESSED_SEALER_H_

#include <memory>
#include <string>

#include "firmware/image/host/compression.h"
#include "server/sealing/sealer.h"

namespace bootseal::sealing {

class CompressedSealer final : public Sealer {
 public:
  // Refuses by the header alone what cannot fit, too.
  static absl::StatusOr<std::unique_ptr<Sealer>> Start(
      std::shared_ptr<const trust::McubootProfile> profile,
      const Request& request);

  // Decompresses on the way, and forgets what comes out: it is known by the end
  // whether the payload is whole, and how large.
  absl::Status Payload(absl::string_view chunk) override;
  // Decompresses once more, for the digest: it begins with a header that says
  // the size.
  absl::Status EndOfPayload() override;
  const std::string& payload_sha256() const override { return payload_sha256_; }
  Signable signable() const override { return plain_->signable(); }
  v1::Preimage preimage() const override { return plain_->preimage(); }
  absl::StatusOr<Sealed> Seal(Sign sign) const override;

 private:
  CompressedSealer(std::shared_ptr<const trust::McubootProfile> profile,
                   const Request& request);

  absl::Status MakePlain();
  absl::StatusOr<std::shared_ptr<McubootSealer>> MakeCompressed(
      const std::string& signature) const;

  const std::shared_ptr<const trust::McubootProfile> profile_;
  const Request request_;
  image::host::Decompressor decompressor_;
  std::string payload_;  // as it was sent
  std::string payload_sha256_;
  std::unique_ptr<McubootSealer> plain_;  // the image that runs
};

// One image, one signature.
absl::StatusOr<Sealed> SealWith(std::shared_ptr<const McubootSealer> image,
                                Sign sign);

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_COMPRESSED_SEALER_H_
