// The answer that releases a signature. It takes the log's proof that the
// release is recorded and the verifier's proof that the image boots, or that a
// device takes the release: none can be had without the thing itself.
#ifndef BOOTSEAL_SERVER_REPLY_H_
#define BOOTSEAL_SERVER_REPLY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/host/open_capsule.h"
#include "firmware/image/host/release_manifest.h"
#include "firmware/image/host/release_verdict.h"
#include "firmware/image/verified.h"
#include "server/audit/receipt.h"
#include "server/sealing/sealer.h"

namespace bootseal::server {

// What the client assembles around its payload.
struct ImageParts {
  std::string header;
  std::string tlvs;
  v1::Fill fill;
};

// INTERNAL when `verified` is none of the verifier's.
absl::StatusOr<v1::SignReply> BuildReply(const audit::Receipt& receipt,
                                         const image::Verified& verified,
                                         ImageParts parts,
                                         const v1::Profile& profile);

// The same for a release: `envelope` is what `release` was opened from.
absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt, const image::host::VerifiedRelease& release,
    std::string envelope, const v1::Profile& profile);

// And for a verdict.
absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt, const image::host::VerifiedVerdict& verdict,
    std::string envelope, const v1::Profile& profile);

// The same for a capsule: `front` is what `capsule` was read from.
absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt, const image::host::VerifiedCapsule& capsule,
    std::string front, const v1::Profile& profile);

// The same for a package: `certificates` are those that `package` was verified
// with. INTERNAL when it is none of the verifier's.
absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt,
    const image::certificate::VerifiedPackage& package,
    std::vector<v1::Certificate> certificates, const v1::Profile& profile);

// The same for a first stage, with the OTP words of `fused_hash`.
absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt,
    const image::host::VerifiedStm32Header& header,
    absl::string_view fused_hash, const v1::Profile& profile);

// Whichever it is.
absl::StatusOr<v1::SignReply> BuildReply(const audit::Receipt& receipt,
                                         sealing::Sealed sealed,
                                         const v1::Profile& profile);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_REPLY_H_
