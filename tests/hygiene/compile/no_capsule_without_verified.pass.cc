// Guarantee 3: being in the log is not enough, the certificate must verify the
// capsule.
#include <string>
#include <utility>

#include "server/reply.h"

namespace bootseal::server {

absl::StatusOr<v1::SignReply> Release(
    const audit::Receipt& receipt,
    [[maybe_unused]] const image::host::VerifiedCapsule& capsule,
    [[maybe_unused]] const image::host::CapsuleFront& read, std::string front,
    const v1::Profile& profile) {
  return BuildReply(receipt, capsule, std::move(front), profile);
}

}  // namespace bootseal::server
