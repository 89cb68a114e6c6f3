#include "client/capsule/capsule_check.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/signed_data.h"
#include "server/trust/capsule_format.h"
#include "server/trust/target_profile.h"

namespace bootseal::capsule {
namespace {

using image::host::AsBytes;
using image::host::CapsuleHeader;
using image::host::ToString;
using image::host::VerifiedCapsule;

constexpr std::uint64_t kPieceBytes = 1 << 20;
// More than headers, a certificate and a signature take.
constexpr std::uint64_t kMaxFrontBytes = 64 << 10;

absl::Status ReadPiece(fwu::ByteSource& source, std::uint64_t offset,
                       std::string& piece) {
  return source.ReadAt(
      offset, {reinterpret_cast<std::byte*>(piece.data()), piece.size()});
}

absl::StatusOr<std::string> ContentOf(const CapsuleHeader& header,
                                      const Parts& parts) {
  image::Hash hash(image::HashAlgorithm::kSha256);
  hash.Update(AsBytes(image::host::SignedInFront(header)));
  std::string piece;
  for (std::uint64_t at = parts.offset; at < parts.firmware->size();) {
    piece.resize(std::min(kPieceBytes, parts.firmware->size() - at));
    RETURN_IF_ERROR(ReadPiece(*parts.firmware, at, piece));
    hash.Update(AsBytes(piece));
    at += piece.size();
  }
  hash.Update(AsBytes(image::host::SignedBehind(header)));
  return ToString(hash.Finish().bytes());
}

std::uint64_t FileSize(const Parts& parts) {
  return parts.front.size() + parts.firmware->size() - parts.offset;
}

absl::Status Expect(absl::string_view reason, absl::string_view what,
                    absl::string_view found, absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return base::Precondition(
      reason, absl::StrCat(what, " is ", cli::Printable(found), ", expected ",
                           cli::Printable(expected)));
}

absl::Status ExpectBytes(absl::string_view what, absl::string_view found,
                         absl::string_view expected) {
  return Expect("RECEIPT_MISMATCH", what, absl::BytesToHexString(found),
                absl::BytesToHexString(expected));
}

std::string VersionOf(const CapsuleHeader& header) {
  return header.version ? absl::StrCat(header.version->version)
                        : std::string("none");
}

absl::Status CheckDigest(const v1::SignedDigest& digest,
                         const v1::Profile& profile,
                         const VerifiedCapsule& capsule) {
  ASSIGN_OR_RETURN(const auto made,
                   image::host::SignatureIn(capsule.front().signed_data));
  RETURN_IF_ERROR(
      ExpectBytes("the receipt's digest", digest.digest(), made.digest));
  RETURN_IF_ERROR(ExpectBytes("the receipt's signature", digest.signature(),
                              made.signature));
  const image::Digest key = image::HashOf(image::HashAlgorithm::kSha256,
                                          AsBytes(profile.public_key()));
  return ExpectBytes("the receipt's key hash", digest.key_hash(),
                     ToString(key.bytes()));
}

}  // namespace

absl::StatusOr<Parts> SplitFile(fwu::ByteSource& file) {
  Parts parts;
  parts.firmware = &file;
  std::string front(std::min(kMaxFrontBytes, file.size()), '\0');
  RETURN_IF_ERROR(ReadPiece(file, 0, front));
  ASSIGN_OR_RETURN(const auto read,
                   image::host::ReadCapsuleFront(front, file.size()));
  parts.offset = read.size;
  parts.front = front.substr(0, read.size);
  return parts;
}

absl::StatusOr<VerifiedCapsule> Verify(
    const Parts& parts, const image::host::CapsuleCertificate& certificate) {
  ASSIGN_OR_RETURN(const auto read,
                   image::host::ReadCapsuleFront(parts.front, FileSize(parts)));
  if (read.size != parts.front.size()) {
    return base::Precondition(
        "REPLY_MISMATCH",
        absl::StrCat("the capsule's headers have ", read.size, " bytes of the ",
                     parts.front.size(), " in front of the firmware"));
  }
  ASSIGN_OR_RETURN(const std::string content, ContentOf(read.header, parts));
  return image::host::VerifyCapsule(parts.front, FileSize(parts), content,
                                    certificate);
}

absl::StatusOr<VerifiedCapsule> VerifyOfTarget(const Parts& parts,
                                               const v1::Profile& profile) {
  ASSIGN_OR_RETURN(const auto made, trust::CapsuleProfile::Make(profile));
  ASSIGN_OR_RETURN(VerifiedCapsule capsule, Verify(parts, made->certificate()));
  RETURN_IF_ERROR(
      trust::CheckIsOfTarget(made->format(), capsule.front().header));
  return capsule;
}

absl::Status CheckIsOrdered(const v1::CapsuleFormat& format,
                            std::uint32_t security_counter,
                            const VerifiedCapsule& capsule) {
  const CapsuleHeader expected =
      trust::CapsuleHeaderOf(format, security_counter);
  const CapsuleHeader& found = capsule.front().header;
  RETURN_IF_ERROR(Expect("REPLY_MISMATCH", "the capsule's firmware version",
                         VersionOf(found), VersionOf(expected)));
  return Expect("REPLY_MISMATCH", "the capsule's monotonic count",
                absl::StrCat(found.monotonic_count.value_or(0)),
                absl::StrCat(expected.monotonic_count.value_or(0)));
}

absl::StatusOr<Proven> CheckReceipt(const cli::LogKey& key,
                                    absl::string_view receipt,
                                    const v1::Profile& profile,
                                    const VerifiedCapsule& capsule) {
  ASSIGN_OR_RETURN(Proven proven, release::ProveEntry(key, receipt));
  const v1::SigningEvent& event = proven.entry.signing();
  if (!proven.entry.has_signing() || event.decision() != v1::ALLOWED ||
      event.digests_size() != 1) {
    return base::Precondition(
        "RECEIPT_MISMATCH",
        "the receipt's entry is not one allowed signature of a capsule");
  }
  RETURN_IF_ERROR(Expect("RECEIPT_MISMATCH", "the receipt's target",
                         event.target(), profile.target().name()));
  RETURN_IF_ERROR(CheckDigest(event.digests(0), profile, capsule));
  return proven;
}

}  // namespace bootseal::capsule
