// Guarantee 2: what a verifier proved is not enough, the release must be in the
// log too.
#include <utility>

#include "server/reply.h"

namespace bootseal::server {

absl::StatusOr<v1::SignReply> Release(
    [[maybe_unused]] const audit::Receipt& receipt,
    const image::Verified& verified, ImageParts parts,
    const v1::Profile& profile) {
  return BuildReply(receipt, verified, std::move(parts), profile);
}

}  // namespace bootseal::server
