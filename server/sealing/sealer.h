// From a payload that streams in to an image that is signed and proved: what a
// signing request needs of a boot format, whatever has to be signed for it.
//
//   auto sealer = StartSealer(profile, request);
//   sealer->Payload(chunk);        any number of times
//   sealer->EndOfPayload();
//   sealed = sealer->Seal(sign);   `sign` is asked for each signature in turn
#ifndef BOOTSEAL_SERVER_SEALING_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_SEALER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/sealing/mcuboot_sealer.h"

namespace bootseal::sealing {

// OK when the device's verifier takes the image with this signature.
using Check = absl::FunctionRef<absl::Status(absl::string_view signature)>;
// Gives a signature that `check` took.
using Sign = absl::FunctionRef<absl::StatusOr<std::string>(const Signable&,
                                                           Check check)>;

// Not thread-safe. After an error it must not be used further; after one of
// Seal's only for another Seal.
class Sealer {
 public:
  virtual ~Sealer() = default;

  // Errors: McubootSealer's; for a compressed payload Decompressor's
  // (firmware/image/host/compression.h); for a range RangeSealer's.
  virtual absl::Status Payload(absl::string_view chunk) = 0;
  virtual absl::Status EndOfPayload() = 0;
  // SHA-256 over the payload as it was sent; after EndOfPayload().
  virtual const std::string& payload_sha256() const = 0;
  // The image whose signature is asked for first: for a compressed payload the
  // one that runs. What approvers sign is its digest. After EndOfPayload().
  virtual const McubootSealer& first() const = 0;
  // The image's own signature is the last that is asked for. Errors: of `sign`,
  // and McubootSealer's.
  virtual absl::StatusOr<Sealed> Seal(Sign sign) const = 0;
};

// Errors: McubootSealer::Start's.
absl::StatusOr<std::unique_ptr<Sealer>> StartSealer(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request);

// Bytes of payload that its sealer keeps in memory at most, TLVs aside; 0 when
// it keeps none.
std::uint64_t BufferedBytes(const image::mcuboot::Rules& rules,
                            const Request& request);

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_SEALER_H_
