// expect: no matching function
// Guarantee 3: being in the log is not enough, a closed chip must start the
// first stage.
#include <string>

#include "server/reply.h"

namespace bootseal::server {

absl::StatusOr<v1::SignReply> Release(
    const audit::Receipt& receipt,
    [[maybe_unused]] const image::host::VerifiedStm32Header& verified,
    [[maybe_unused]] const image::stm32::Header& read,
    const std::string& fused_hash, const v1::Profile& profile) {
  return BuildReply(receipt, read, fused_hash, profile);
}

}  // namespace bootseal::server
