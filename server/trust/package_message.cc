// What the log's entries of packages say, read by whoever does not believe the
// server.
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/trust/package_format.h"
#include "server/trust/parts.h"

namespace bootseal::trust {
namespace {

namespace certificate = image::certificate;
namespace extension = certificate::extension;
using certificate::Certificate;
using certificate::Role;
using image::host::AsBytes;
using image::host::CertificateKeys;
using image::host::PlannedCertificate;
using image::host::ToString;

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition(
      "PACKAGE_MISMATCH",
      absl::StrCat("the request contradicts itself: ", message));
}

absl::Status CheckNames(const v1::SigningEvent& signing) {
  if (signing.digests_size() != static_cast<int>(certificate::kRoles)) {
    return Mismatch(absl::StrCat("it has ", signing.digests_size(),
                                 " digests, expected one for each of ",
                                 certificate::kRoles, " certificates"));
  }
  for (int i = 0; i < signing.digests_size(); ++i) {
    const v1::SignedDigest& digest = signing.digests(i);
    const char* const name = certificate::kRoleTraits[i].name;
    if (digest.name() == name && !digest.pure()) continue;
    return Mismatch(absl::StrCat("digest ", i + 1, " is named \"",
                                 absl::CHexEscape(digest.name()),
                                 "\", expected ", name));
  }
  return absl::OkStatus();
}

// A certificate with a signature that is none, so that it can be read. Lives
// with what it points into.
struct Unsigned {
  std::string der;
  Certificate certificate;
};

absl::StatusOr<Unsigned> ReadUnsigned(const v1::SignedDigest& digest) {
  constexpr absl::string_view kNone("\x30\x06\x02\x01\x01\x02\x01\x01", 8);
  const std::string& message = digest.preimage().message();
  if (Sha256Of(message) != digest.digest()) {
    return Mismatch(absl::StrCat("the digest of ", digest.name(),
                                 " is not that of what is said to be signed"));
  }
  std::string buffer(certificate::kMaxCertificateBytes, '\0');
  const auto written =
      certificate::WriteCertificate(AsBytes(message), AsBytes(kNone),
                                    std::as_writable_bytes(std::span(buffer)));
  Unsigned made;
  if (written.ok()) made.der = ToString(*written);
  const auto read = certificate::ReadCertificate(AsBytes(made.der));
  if (!written.ok() || !read.ok()) {
    return Mismatch(absl::StrCat("what gets signed for ", digest.name(),
                                 " is no certificate of a package"));
  }
  made.certificate = *read;
  return made;
}

// The key that a certificate names; empty when it names none.
std::string KeyIn(const Certificate& from, std::uint16_t id) {
  const certificate::Extension* const found =
      certificate::FindExtension(from, id);
  return found == nullptr ? std::string() : ToString(found->key.der);
}

struct Read {
  CertificateKeys keys;
  absl::Time not_before;
  absl::Time not_after;
};

absl::Time ToTime(const certificate::Time& time) {
  return absl::FromCivil(absl::CivilSecond(time.year, time.month, time.day,
                                           time.hour, time.minute, time.second),
                         absl::UTCTimeZone());
}

absl::StatusOr<Read> ReadAll(const v1::SigningEvent& signing) {
  Read read;
  for (int i = 0; i < signing.digests_size(); ++i) {
    const auto made = ReadUnsigned(signing.digests(i));
    if (!made.ok()) return made.status();
    const Certificate& from = made->certificate;
    switch (static_cast<Role>(i)) {
      case Role::kConfig:
        read.keys.root = ToString(from.key.der);
        read.not_before = ToTime(from.not_before);
        read.not_after = ToTime(from.not_after);
        break;
      case Role::kTrustedKey:
        read.keys.trusted_world = KeyIn(from, extension::kTrustedWorldKey);
        read.keys.non_trusted_world =
            KeyIn(from, extension::kNonTrustedWorldKey);
        break;
      case Role::kTosFwKey:
        read.keys.tos_fw = KeyIn(from, extension::kTosFwContentKey);
        break;
      case Role::kNtFwKey:
        read.keys.nt_fw = KeyIn(from, extension::kNtFwContentKey);
        break;
      case Role::kTosFw:
      case Role::kNtFw:
        break;
    }
  }
  return read;
}

absl::Status CheckPlanned(const PlannedCertificate& planned,
                          const v1::SignedDigest& digest) {
  if (planned.to_be_signed != digest.preimage().message()) {
    return Mismatch(absl::StrCat(
        "what gets signed for ", digest.name(),
        " is not the certificate that its counter, components and keys mean"));
  }
  if (Sha256Of(planned.signer) == digest.key_hash()) return absl::OkStatus();
  return Mismatch(absl::StrCat(
      digest.name(), " is signed with the key of hash ",
      absl::BytesToHexString(digest.key_hash()),
      ", the certificates name that of hash ",
      absl::BytesToHexString(Sha256Of(planned.signer)), " for it"));
}

}  // namespace

absl::StatusOr<PackageRequest> OpenPackageMessage(
    const v1::SigningEvent& signing) {
  RETURN_IF_ERROR(CheckNames(signing));
  ASSIGN_OR_RETURN(Read read, ReadAll(signing));
  PackageRequest opened;
  opened.request.keys = std::move(read.keys);
  opened.request.trusted_counter = signing.security_counter();
  opened.request.non_trusted_counter = signing.security_counter();
  opened.request.not_before = read.not_before;
  opened.request.not_after = read.not_after;
  for (const v1::ComponentDigest& component : signing.components()) {
    const auto role = ImageRoleOf(component.name());
    if (!role || !opened.request.digests[IndexOf(*role)].empty()) {
      return Mismatch(absl::StrCat("component \"",
                                   absl::CHexEscape(component.name()),
                                   "\" has no place in it, or has two"));
    }
    opened.request.digests[IndexOf(*role)] = component.sha256();
  }
  auto planned = image::host::PlanCertificates(opened.request);
  if (!planned.ok()) return Mismatch(planned.status().message());
  for (int i = 0; i < signing.digests_size(); ++i) {
    RETURN_IF_ERROR(CheckPlanned((*planned)[static_cast<std::size_t>(i)],
                                 signing.digests(i)));
  }
  opened.certificates = *std::move(planned);
  return opened;
}

}  // namespace bootseal::trust
