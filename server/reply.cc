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

absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt, const image::host::VerifiedCapsule& capsule,
    std::string front, const v1::Profile& profile) {
  if (capsule.front().size != front.size()) {
    return base::Internal("capsule is another than was verified");
  }
  v1::SignReply reply = Recorded(receipt, profile);
  reply.set_header(std::move(front));
  return reply;
}

absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt,
    const image::certificate::VerifiedPackage& package,
    std::vector<v1::Certificate> certificates, const v1::Profile& profile) {
  if (!package.intact()) return base::Internal("package was not verified");
  v1::SignReply reply = Recorded(receipt, profile);
  for (v1::Certificate& each : certificates) {
    *reply.add_certificates() = std::move(each);
  }
  return reply;
}

absl::StatusOr<v1::SignReply> BuildReply(
    const audit::Receipt& receipt,
    const image::host::VerifiedStm32Header& header,
    absl::string_view fused_hash, const v1::Profile& profile) {
  v1::SignReply reply = Recorded(receipt, profile);
  reply.set_header(header.bytes());
  const auto words = image::host::OtpWords(header.header().version, fused_hash);
  // A chip of which nobody knows them has none.
  if (!words.ok()) return reply;
  for (const image::host::OtpWord& word : *words) {
    v1::OtpWord& added = *reply.add_otp_words();
    added.set_number(word.number);
    added.set_value(word.value);
  }
  return reply;
}

namespace {

// One overload for each thing that can be sealed.
struct Reply {
  const audit::Receipt& receipt;
  const v1::Profile& profile;

  absl::StatusOr<v1::SignReply> operator()(sealing::SealedImage sealed) const {
    return BuildReply(receipt, sealed.verified,
                      {std::move(sealed.header), std::move(sealed.tlvs),
                       std::move(sealed.fill)},
                      profile);
  }
  absl::StatusOr<v1::SignReply> operator()(
      sealing::SealedCapsule sealed) const {
    return BuildReply(receipt, sealed.proof, std::move(sealed.front), profile);
  }
  absl::StatusOr<v1::SignReply> operator()(
      sealing::SealedPackage sealed) const {
    return BuildReply(receipt, sealed.proof, std::move(sealed.certificates),
                      profile);
  }
  absl::StatusOr<v1::SignReply> operator()(
      const sealing::SealedFirstStage& sealed) const {
    return BuildReply(receipt, sealed.proof, sealed.fused_hash, profile);
  }
  // What stands in an envelope.
  template <typename Enveloped>
  absl::StatusOr<v1::SignReply> operator()(Enveloped sealed) const {
    return BuildReply(receipt, sealed.proof, std::move(sealed.envelope),
                      profile);
  }
};

}  // namespace

absl::StatusOr<v1::SignReply> BuildReply(const audit::Receipt& receipt,
                                         sealing::Sealed sealed,
                                         const v1::Profile& profile) {
  return std::visit(Reply{receipt, profile}, std::move(sealed));
}

}  // namespace bootseal::server
