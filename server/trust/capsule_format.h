// A target's capsules: what its format must be like, and the capsule that a
// request means. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_CAPSULE_FORMAT_H_
#define BOOTSEAL_SERVER_TRUST_CAPSULE_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/host/capsule.h"
#include "firmware/image/host/open_capsule.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// Every problem but those of the key that the target names.
void CheckCapsule(const v1::CapsuleFormat& format, v1::Algorithm algorithm,
                  const Field& here);
// Whether the certificate is of the key with this SHA-256 (hex) of its DER. A
// certificate that cannot be read is CheckCapsule's to report.
void CheckCertificateIsOf(const v1::CapsuleFormat& format,
                          absl::string_view public_key_sha256,
                          const Field& field);

// All that follows is for a format without problems.

// What the capsule of a request with this counter says of itself.
image::host::CapsuleHeader CapsuleHeaderOf(const v1::CapsuleFormat& format,
                                           std::uint32_t security_counter);

// OK when the capsule is one that the target's format makes, whatever its
// version. Most of what is compared is not signed. FAILED_PRECONDITION
// (CAPSULE_OF_ANOTHER) naming what differs.
absl::Status CheckIsOfTarget(const v1::CapsuleFormat& format,
                             const image::host::CapsuleHeader& header);

// For approvers: what a pending or released request gets signed.
struct CapsuleRequest {
  image::host::CapsuleHeader header;  // version and monotonic count alone
  std::string content_sha256;         // raw
};
// Read out of the entry's own preimage. FAILED_PRECONDITION (CAPSULE_MISMATCH)
// unless the digest is that of the signed attributes, these are as
// image::host::SignedAttributes writes them, and version and monotonic count
// are the entry's counter. The file is the right one when ContentSha256
// (firmware/image/host/open_capsule.h) with it is the content's.
absl::StatusOr<CapsuleRequest> OpenCapsuleMessage(
    const v1::SigningEvent& signing);

// Whether the preimage is a capsule's.
bool IsCapsuleMessage(const v1::Preimage& preimage);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_CAPSULE_FORMAT_H_
