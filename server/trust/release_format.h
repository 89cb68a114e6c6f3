// A target's releases: what its format must be like, its metadata, and the
// manifest that a request means. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_RELEASE_FORMAT_H_
#define BOOTSEAL_SERVER_TRUST_RELEASE_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/host/release_manifest.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// Every problem, those of the readers with the metadata that a factory would
// get among them.
void CheckRelease(const v1::ReleaseFormat& format, const Field& here);

// All that follows is for a format without problems.

// What a factory writes; nullptr: as bootseal.v1.Provisioning has it.
// INVALID_ARGUMENT (PROVISIONING_INVALID) naming the field: a bank that there
// is not, not one state for each bank, an active bank that cannot boot. Version
// 1 has no invalid banks: one that is said to be reads as not accepted.
absl::StatusOr<image::fwu::Metadata> MetadataOf(
    const v1::ReleaseFormat& format, const v1::Provisioning* provisioning);

// INVALID_ARGUMENT (METADATA_OF_ANOTHER) naming what differs: version, counts,
// and GUIDs are those of the format. Version 0 passes for 1.
absl::Status CheckIsOf(const v1::ReleaseFormat& format,
                       const image::fwu::Metadata& metadata);

// The bytes of one replica. FAILED_PRECONDITION (METADATA_UNREADABLE) when one
// of the format's readers would refuse them.
absl::StatusOr<std::string> WriteReadable(const v1::ReleaseFormat& format,
                                          const image::fwu::Metadata& metadata);

// What a request for these components means. Whoever has the files computes the
// same: image::host::WriteManifest of it is what gets signed, by its
// image::host::ManifestDigest. Errors: MetadataOf's, WriteReadable's, and
// INVALID_ARGUMENT (VERSION_INVALID).
absl::StatusOr<image::host::ReleaseManifest> ManifestOf(
    const v1::Target& target, const v1::SignHeader& header,
    std::uint32_t security_counter,
    const std::vector<v1::ComponentDigest>& components);

// What v1::Preimage.message says: the pre-authentication encoding.
std::string ReleaseMessage(absl::string_view statement);

// The statement in the only digest's message. FAILED_PRECONDITION
// (RELEASE_MISMATCH) unless the digest is that of the message.
absl::StatusOr<std::string> StatementIn(const v1::SigningEvent& signing);

// For approvers: the manifest that a pending or released request is over, read
// out of its own message. FAILED_PRECONDITION (RELEASE_MISMATCH) unless the
// digest is that of the message, and target, version, counter and components of
// the entry are the manifest's. The files are the right ones when each has the
// manifest's SHA-256.
absl::StatusOr<image::host::ReleaseManifest> OpenReleaseMessage(
    const v1::SigningEvent& signing);

// Whether images of this type begin with a FIP table of contents.
bool IsFip(const v1::ReleaseImage& image);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_RELEASE_FORMAT_H_
