// From a payload that streams in to a thing that is signed and proved: what a
// signing request needs of a format, whatever has to be signed for it.
//
//   auto sealer = StartSealer(profile, header, counter);
//   sealer->Payload(chunk);        any number of times
//   sealer->EndOfPayload();
//   sealed = sealer->Seal(sign);   `sign` is asked for each signature in turn
#ifndef BOOTSEAL_SERVER_SEALING_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_SEALER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/certificate/verified_package.h"
#include "firmware/image/host/open_capsule.h"
#include "firmware/image/host/release_manifest.h"
#include "firmware/image/host/release_verdict.h"
#include "firmware/image/host/stm32_image.h"
#include "server/sealing/mcuboot_sealer.h"
#include "server/trust/target_profile.h"

namespace bootseal::sealing {

// The signed manifest, and the proof that a device takes it.
struct SealedRelease {
  std::string envelope;  // DSSE, JSON
  image::host::VerifiedRelease proof;
};

// The word on a release, signed, and the proof that a device reads it.
struct SealedVerdict {
  std::string envelope;  // DSSE, JSON
  image::host::VerifiedVerdict proof;
};

// All in front of the firmware, and the proof that the certificate verifies it.
struct SealedCapsule {
  std::string front;
  image::host::VerifiedCapsule proof;
};

// The certificates of a package, and the proof that a device starts it.
struct SealedPackage {
  std::vector<v1::Certificate> certificates;
  image::certificate::VerifiedPackage proof;
};

// The header of a first stage, proven for a closed chip that has this fused.
struct SealedFirstStage {
  image::host::VerifiedStm32Header proof;
  std::string fused_hash;
};

using Sealed = std::variant<SealedImage, SealedRelease, SealedVerdict,
                            SealedCapsule, SealedPackage, SealedFirstStage>;

// What is decided on, and what its digest is over.
struct ToSign {
  Signable what;
  v1::Preimage preimage;
};

// OK when the device's verifier takes what is made with this signature.
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
  // (firmware/image/host/compression.h); for a range RangeSealer's; for a
  // release ReleaseSealer's; for a verdict VerdictSealer's; for a capsule
  // CapsuleSealer's; for a package PackageSealer's; for a first stage
  // FirstStageSealer's.
  virtual absl::Status Payload(absl::string_view chunk) = 0;
  virtual absl::Status EndOfPayload() = 0;

  // All that follows: after EndOfPayload().

  // SHA-256 over the payload as it was sent.
  virtual const std::string& payload_sha256() const = 0;
  // Of a payload that is several files; none otherwise.
  virtual std::vector<v1::ComponentDigest> components() const { return {}; }
  // What is signed first, and what its digest is over: for a compressed payload
  // the image that runs. What approvers sign is this digest.
  virtual Signable signable() const = 0;
  virtual v1::Preimage preimage() const = 0;
  // All that is decided on together, in the order in which it is signed; each
  // with a name when there are several.
  virtual std::vector<ToSign> to_sign() const {
    return {{signable(), preimage()}};
  }
  // The signature that the whole thing has is the last that is asked for.
  // Errors: of `sign`, and those of the format's verifier.
  virtual absl::StatusOr<Sealed> Seal(Sign sign) const = 0;
};

// What was sealed, with the receipt that it carries (image/transparency/
// embedded_receipt.h), verified once more by all of the target's rules.
// INTERNAL for what is no image; McubootSealer::SealWithReceipt's errors.
absl::StatusOr<Sealed> WithReceipt(const Sealed& sealed,
                                   absl::string_view receipt);

// For an admitted request, with the counter that the policy resolved. Errors:
// McubootSealer::Start's, ReleaseSealer::Start's, VerdictSealer::Start's,
// CapsuleSealer::Start's, PackageSealer::Start's, FirstStageSealer::Start's.
absl::StatusOr<std::unique_ptr<Sealer>> StartSealer(
    const trust::TargetProfile& profile, const v1::SignHeader& header,
    std::optional<std::uint32_t> security_counter);

// The same for an image.
absl::StatusOr<std::unique_ptr<Sealer>> StartSealer(
    std::shared_ptr<const trust::McubootProfile> profile,
    const Request& request);

// Bytes of payload that its sealer keeps in memory at most, TLVs aside; 0 when
// it keeps none.
std::uint64_t BufferedBytes(const trust::TargetProfile& profile,
                            const v1::SignHeader& header);

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_SEALER_H_
