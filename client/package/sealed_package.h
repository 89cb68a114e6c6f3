// What is demanded of a package before anybody relies on it, offline: a
// target's profile, and the log's key. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_PACKAGE_SEALED_PACKAGE_H_
#define BOOTSEAL_CLIENT_PACKAGE_SEALED_PACKAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/log_key.h"
#include "client/release/proven_entry.h"
#include "firmware/image/host/fip_package.h"

namespace bootseal::package {

// "tos-fw" for itself and for "bl32"; nullptr for what is no image of a package
// that certificates speak for.
const image::host::FipName* FindComponent(absl::string_view name);
// All of those names, in the order of the upload.
std::vector<std::string> ComponentNames();

// Images and the reply's certificates, aligned as the target has it.
// FAILED_PRECONDITION (REPLY_MALFORMED) unless these are the six of a package.
absl::StatusOr<std::string> AssemblePackage(
    const v1::Profile& profile,
    const std::vector<image::host::FipImage>& images,
    const v1::SignReply& reply);

// What the device's verifier found.
struct SoundPackage {
  std::uint32_t counter = 0;  // of both worlds
  std::size_t images = 0;     // certificates left out
};

// OK when a device of the profile's target starts the package, its certificates
// name the profile's keys, and it fits into its bank. FAILED_PRECONDITION: the
// verifier's reason ("not bootable: nt-fw: ..."), CERTIFICATE_KEY_UNKNOWN,
// PACKAGE_TOO_LARGE; PROFILE_INVALID.
absl::StatusOr<SoundPackage> VerifyPackage(const v1::Profile& profile,
                                           absl::string_view fip);

// OK when the log proves, with our key, an entry that allows exactly this
// package: target, counter, and of every certificate key, digest and signature,
// of every image its digest. FAILED_PRECONDITION: as release::ProveEntry.
absl::StatusOr<release::ProvenEntry> CheckPackageReceipt(
    const cli::LogKey& key, absl::string_view receipt,
    const v1::Profile& profile, absl::string_view fip);

}  // namespace bootseal::package

#endif  // BOOTSEAL_CLIENT_PACKAGE_SEALED_PACKAGE_H_
