// A capsule with its signature verified. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_OPEN_CAPSULE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_OPEN_CAPSULE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/capsule.h"
#include "firmware/image/host/capsule_certificate.h"

namespace bootseal::image::host {

// Only VerifyCapsule and OpenCapsule make one. Of its header the version and
// the monotonic count are signed, and nothing else.
class VerifiedCapsule {
 public:
  const CapsuleFront& front() const { return front_; }
  // Over payload header, firmware and monotonic count.
  const std::string& content_sha256() const { return content_sha256_; }

 private:
  friend absl::StatusOr<VerifiedCapsule> VerifyCapsule(
      absl::string_view, std::uint64_t, absl::string_view,
      const CapsuleCertificate&);
  VerifiedCapsule(CapsuleFront front, absl::string_view content_sha256)
      : front_(std::move(front)), content_sha256_(content_sha256) {}

  CapsuleFront front_;
  std::string content_sha256_;
};

// For whoever does not have the firmware at hand: `front` is all that is before
// it, `content_sha256` what its bytes streamed past as. Errors:
// ReadCapsuleFront's and VerifySignedData's; PERMISSION_DENIED (NOT_SIGNED).
absl::StatusOr<VerifiedCapsule> VerifyCapsule(
    absl::string_view front, std::uint64_t file_size,
    absl::string_view content_sha256, const CapsuleCertificate& certificate);

// A whole one. Errors as VerifyCapsule's.
absl::StatusOr<VerifiedCapsule> OpenCapsule(
    absl::string_view file, const CapsuleCertificate& certificate);

// SHA-256 over what is signed.
std::string ContentSha256(const CapsuleHeader& header,
                          absl::string_view firmware);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_OPEN_CAPSULE_H_
