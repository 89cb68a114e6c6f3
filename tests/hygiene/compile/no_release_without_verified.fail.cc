// expect: no matching function
// Guarantee 3: being in the log is not enough, a device must take the release.
#include <string>
#include <utility>

#include "server/reply.h"

namespace bootseal::server {

absl::StatusOr<v1::SignReply> Release(
    const audit::Receipt& receipt,
    [[maybe_unused]] const image::host::VerifiedRelease& release,
    [[maybe_unused]] const image::host::ReleaseManifest& manifest,
    std::string envelope, const v1::Profile& profile) {
  return BuildReply(receipt, manifest, std::move(envelope), profile);
}

}  // namespace bootseal::server
