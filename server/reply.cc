#include "server/reply.h"

#include <utility>

#include "base/status.h"

namespace bootseal::server {

absl::StatusOr<v1::SignReply> BuildReply(const audit::Receipt& receipt,
                                         const image::Verified& verified,
                                         ImageParts parts,
                                         const v1::Profile& profile) {
  if (!verified.intact()) return base::Internal("image was not verified");
  v1::SignReply reply;
  reply.set_header(std::move(parts.header));
  reply.set_tlvs(std::move(parts.tlvs));
  *reply.mutable_fill() = std::move(parts.fill);
  reply.set_receipt(receipt.text());
  *reply.mutable_profile() = profile;
  reply.set_replayed(receipt.replayed());
  return reply;
}

}  // namespace bootseal::server
