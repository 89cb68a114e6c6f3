// expect: (invalid initialization|no viable conversion|no known).*Verified
// Guarantee 3: being in the log is not enough, the image must boot too.
#include <utility>

#include "server/reply.h"

namespace bootseal::server {

absl::StatusOr<v1::SignReply> Release(
    const audit::Receipt& receipt,
    [[maybe_unused]] const image::Verified& verified,
    [[maybe_unused]] bool verdict, ImageParts parts,
    const v1::Profile& profile) {
  return BuildReply(receipt, verdict, std::move(parts), profile);
}

}  // namespace bootseal::server
