// What is demanded of a capsule before anybody relies on it, offline: the
// certificate that devices hold, or a target's profile, and the log's key.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CAPSULE_CAPSULE_CHECK_H_
#define BOOTSEAL_CLIENT_CAPSULE_CAPSULE_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/log_key.h"
#include "client/fwu/byte_source.h"
#include "client/release/proven_entry.h"
#include "firmware/image/host/open_capsule.h"

namespace bootseal::capsule {

// A capsule in two parts: all in front of the firmware, and the firmware.
struct Parts {
  std::string front;
  fwu::ByteSource* firmware = nullptr;  // not owned
  std::uint64_t offset = 0;             // of the firmware in its source
};

// A file that holds both. Errors: FILE_*, CAPSULE_MALFORMED.
absl::StatusOr<Parts> SplitFile(fwu::ByteSource& file);

// The signature is that of the certificate's key, over this firmware. Errors:
// image::host::VerifyCapsule's, FILE_*.
absl::StatusOr<image::host::VerifiedCapsule> Verify(
    const Parts& parts, const image::host::CapsuleCertificate& certificate);

// The same with the certificate of the profile's target, and what is not signed
// is as the target says. CAPSULE_OF_ANOTHER, PROFILE_INVALID.
absl::StatusOr<image::host::VerifiedCapsule> VerifyOfTarget(
    const Parts& parts, const v1::Profile& profile);

// OK when version and monotonic count are those that were ordered.
// FAILED_PRECONDITION (REPLY_MISMATCH).
absl::Status CheckIsOrdered(const v1::CapsuleFormat& format,
                            std::uint32_t security_counter,
                            const image::host::VerifiedCapsule& capsule);

// OK when the log proves, with our key, an entry that allows exactly this
// capsule: target, key, digest, signature. FAILED_PRECONDITION: as
// cli::LogKey::OpenReceipt, RECEIPT_MISMATCH.
using Proven = release::ProvenEntry;
absl::StatusOr<Proven> CheckReceipt(
    const cli::LogKey& key, absl::string_view receipt,
    const v1::Profile& profile, const image::host::VerifiedCapsule& capsule);

}  // namespace bootseal::capsule

#endif  // BOOTSEAL_CLIENT_CAPSULE_CAPSULE_CHECK_H_
