// What is demanded of a release before anybody relies on it, offline: a
// target's profile and the log's key. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_BUNDLE_CHECK_H_
#define BOOTSEAL_CLIENT_RELEASE_BUNDLE_CHECK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "client/fwu/bundle.h"
#include "client/fwu/byte_source.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::release {

// INVALID_ARGUMENT (PROFILE_INVALID) for a target without a release format.
absl::StatusOr<image::host::ReleaseTrust> TrustOf(const v1::Profile& profile,
                                                  const std::string& log_key);

// OK when the manifest is one that the target's format makes: product, target,
// images with their GUIDs and sizes, and metadata that every reader takes.
// FAILED_PRECONDITION: RELEASE_OF_ANOTHER naming what differs,
// METADATA_OF_ANOTHER, METADATA_UNREADABLE.
absl::Status CheckIsOfTarget(const v1::Target& target,
                             const image::host::ReleaseManifest& manifest);

// A whole bundle: signature, receipt, target, and every byte of every image. As
// fwu::Bundle and CheckIsOfTarget.
absl::StatusOr<image::host::VerifiedRelease> CheckBundle(
    std::unique_ptr<fwu::ByteSource> source, const v1::Profile& profile,
    const std::string& log_key);

// What was ordered: `header` with these files.
struct ReleaseOrder {
  v1::SignHeader header;
  std::vector<v1::ComponentDigest> components;
};

// OK when the manifest is, byte for byte, the one that the order means.
// FAILED_PRECONDITION (REPLY_MISMATCH).
absl::Status CheckIsOrdered(const v1::Target& target, const ReleaseOrder& order,
                            const image::host::ReleaseManifest& manifest);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_BUNDLE_CHECK_H_
