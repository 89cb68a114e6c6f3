#include "server/reply.h"

#include <utility>

#include "base/status.h"

namespace bootseal::server {

namespace {

v1::SignReply Recorded(const audit::Receipt& receipt,
                       const v1::Profile& profile) {
  v1::SignReply reply;
  reply.set_receipt(receipt.text());
  *reply.mutable_profile() = profile;
  reply.set_replayed(receipt.replayed());
  return reply;
}

}  // namespace

absl::StatusOr<v1::SignReply> BuildReply(const audit::Receipt& receipt,
                                         const image::Verified& verified,
                                         ImageParts parts,
                                         const v1::Profile& profile) {
  if (!verified.intact()) return base::Internal("image was not verified");
  v1::SignReply reply = Recorded(receipt, profile);
  reply.set_header(std::move(parts.header));
  reply.set_tlvs(std::move(parts.tlvs));
  *reply.mutable_fill() = std::move(parts.fill);
  return reply;
}

absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt, const image::host::VerifiedRelease& release,
    std::string envelope, const v1::Profile& profile) {
  if (release.manifest().target != profile.target().name()) {
    return base::Internal("release is of another target");
  }
  v1::SignReply reply = Recorded(receipt, profile);
  reply.set_manifest(std::move(envelope));
  return reply;
}

absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt, const image::host::VerifiedVerdict& verdict,
    std::string envelope, const v1::Profile& profile) {
  if (verdict.verdict().target != profile.target().name()) {
    return base::Internal("verdict is of another target");
  }
  v1::SignReply reply = Recorded(receipt, profile);
  reply.set_verdict(std::move(envelope));
  return reply;
}

}  // namespace bootseal::server
