#include "client/package/sealed_package.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/certificate/verifier.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/trust/package_profile.h"
#include "server/trust/parts.h"
#include "server/trust/target_format.h"

namespace bootseal::package {
namespace {

namespace certificate = image::certificate;
using certificate::Certificate;
using image::host::AsBytes;
using image::host::FipImage;
using image::host::ToString;
using release::ExpectBytesInReceipt;
using release::ExpectInReceipt;

// As cert_create and build systems call them, too.
struct Alias {
  absl::string_view name;
  absl::string_view option;
};
constexpr Alias kAliases[] = {
    {"bl32", "tos-fw"},
    {"bl32-extra1", "tos-fw-extra1"},
    {"bl32-extra2", "tos-fw-extra2"},
    {"bl33", "nt-fw"},
};

absl::Status Malformed(absl::string_view what) {
  return base::Precondition(
      "REPLY_MALFORMED",
      absl::StrCat("the server's reply is malformed: ", what));
}

absl::Status NotBootable(image::Error error, const certificate::Place& place) {
  return base::Annotate(
      image::host::ToStatus(error),
      absl::StrCat("not bootable: ", certificate::NameOf(place)));
}

absl::Status CheckKeys(const v1::Profile& profile,
                       const certificate::Facts& facts) {
  const v1::Target& target = profile.target();
  for (std::size_t i = 0; i < certificate::kRoles; ++i) {
    const char* const name = certificate::kRoleTraits[i].name;
    const std::string key =
        trust::PublicKeyOf(profile, trust::KeyFor(target, name));
    if (ToString(facts.certificates[i].certificate.key.der) == key) continue;
    return base::Precondition(
        "CERTIFICATE_KEY_UNKNOWN",
        absl::StrCat(name, " is of another key than ",
                     trust::KeyFor(target, name), ", the one of target ",
                     target.name()));
  }
  return absl::OkStatus();
}

absl::Status CheckSize(const v1::Profile& profile, std::size_t size) {
  const std::uint64_t most = profile.target().fip().max_size();
  if (size <= most) return absl::OkStatus();
  return base::Precondition(
      "PACKAGE_TOO_LARGE",
      absl::StrCat("the package has ", size, " bytes, its bank holds ", most));
}

absl::Status CheckDigest(const v1::SignedDigest& digest,
                         const Certificate& made, const char* name) {
  const auto what = [name](absl::string_view part) {
    return absl::StrCat("the receipt's ", part, " of ", name);
  };
  RETURN_IF_ERROR(
      ExpectInReceipt("the receipt's certificate", digest.name(), name));
  RETURN_IF_ERROR(
      ExpectBytesInReceipt(what("digest"), digest.digest(),
                           trust::Sha256Of(ToString(made.to_be_signed))));
  RETURN_IF_ERROR(
      ExpectBytesInReceipt(what("key hash"), digest.key_hash(),
                           trust::Sha256Of(ToString(made.key.der))));
  return ExpectBytesInReceipt(what("signature"), digest.signature(),
                              ToString(made.signature));
}

absl::Status CheckDigests(const v1::SigningEvent& event,
                          const image::fip::Toc& toc, image::Bytes fip) {
  RETURN_IF_ERROR(ExpectInReceipt("the receipt's number of digests",
                                  absl::StrCat(event.digests_size()),
                                  absl::StrCat(certificate::kRoles)));
  for (std::size_t i = 0; i < certificate::kRoles; ++i) {
    const auto& traits = certificate::kRoleTraits[i];
    const auto der = image::fip::FindImage(toc, traits.uuid, fip);
    if (!der.ok()) return image::host::ToStatus(der.error());
    const auto made = certificate::ReadCertificate(*der);
    if (!made.ok()) return image::host::ToStatus(made.error());
    RETURN_IF_ERROR(
        CheckDigest(event.digests(static_cast<int>(i)), *made, traits.name));
  }
  return absl::OkStatus();
}

absl::Status CheckComponents(const v1::SigningEvent& event,
                             const image::fip::Toc& toc, image::Bytes fip) {
  int next = 0;
  for (const certificate::ImageTraits& traits : certificate::kImageTraits) {
    const auto content = image::fip::FindImage(toc, traits.uuid, fip);
    if (!content.ok()) continue;
    const v1::ComponentDigest none;
    const v1::ComponentDigest& logged =
        next < event.components_size() ? event.components(next) : none;
    ++next;
    RETURN_IF_ERROR(
        ExpectInReceipt("the receipt's image", logged.name(), traits.name));
    RETURN_IF_ERROR(ExpectBytesInReceipt(
        absl::StrCat("the receipt's digest of ", traits.name), logged.sha256(),
        trust::Sha256Of(ToString(*content))));
  }
  return ExpectInReceipt("the receipt's number of images",
                         absl::StrCat(event.components_size()),
                         absl::StrCat(next));
}

}  // namespace

const image::host::FipName* FindComponent(absl::string_view name) {
  for (const Alias& alias : kAliases) {
    if (alias.name == name) name = alias.option;
  }
  for (const certificate::ImageTraits& traits : certificate::kImageTraits) {
    if (name == traits.name) return image::host::FindFipName(name);
  }
  return nullptr;
}

std::vector<std::string> ComponentNames() {
  std::vector<std::string> names;
  for (const certificate::ImageTraits& traits : certificate::kImageTraits) {
    names.push_back(traits.name);
  }
  return names;
}

absl::StatusOr<std::string> AssemblePackage(const v1::Profile& profile,
                                            const std::vector<FipImage>& images,
                                            const v1::SignReply& reply) {
  image::host::FipPackage package;
  package.images = images;
  if (reply.certificates_size() != static_cast<int>(certificate::kRoles)) {
    return Malformed(absl::StrCat(reply.certificates_size(),
                                  " certificates, expected ",
                                  certificate::kRoles));
  }
  for (int i = 0; i < reply.certificates_size(); ++i) {
    const auto& traits = certificate::kRoleTraits[i];
    if (reply.certificates(i).name() != traits.name) {
      return Malformed(
          absl::StrCat("certificate ", i + 1, " is not ", traits.name));
    }
    package.images.push_back({traits.uuid, reply.certificates(i).der()});
  }
  const std::uint32_t align = profile.target().fip().align();
  return image::host::WriteFip(package, align == 0 ? 1 : align);
}

absl::StatusOr<SoundPackage> VerifyPackage(const v1::Profile& profile,
                                           absl::string_view fip) {
  ASSIGN_OR_RETURN(const auto made, trust::PackageProfile::Make(profile));
  const auto toc = image::fip::ReadToc(AsBytes(fip), fip.size());
  if (!toc.ok()) return NotBootable(toc.error(), {});
  certificate::Verifier verifier(made->rules());
  const image::Error read = certificate::AddAll(verifier, *toc, AsBytes(fip));
  if (read != image::Error::kOk) return NotBootable(read, verifier.place());
  const auto verified = verifier.Finish();
  if (!verified.ok() || !verified->intact()) {
    return NotBootable(verified.error(), verifier.place());
  }
  RETURN_IF_ERROR(CheckKeys(profile, verifier.facts()));
  RETURN_IF_ERROR(CheckSize(profile, fip.size()));
  return SoundPackage{verified->trusted_counter(),
                      toc->count - certificate::kRoles};
}

absl::StatusOr<release::ProvenEntry> CheckPackageReceipt(
    const cli::LogKey& key, absl::string_view receipt,
    const v1::Profile& profile, absl::string_view fip) {
  ASSIGN_OR_RETURN(release::ProvenEntry proven,
                   release::ProveEntry(key, receipt));
  const v1::SigningEvent& event = proven.entry.signing();
  RETURN_IF_ERROR(ExpectInReceipt("the receipt's target", event.target(),
                                  profile.target().name()));
  ASSIGN_OR_RETURN(const SoundPackage sound, VerifyPackage(profile, fip));
  RETURN_IF_ERROR(ExpectInReceipt("the receipt's counter",
                                  absl::StrCat(event.security_counter()),
                                  absl::StrCat(sound.counter)));
  const auto toc = image::fip::ReadToc(AsBytes(fip), fip.size());
  RETURN_IF_ERROR(CheckDigests(event, *toc, AsBytes(fip)));
  RETURN_IF_ERROR(CheckComponents(event, *toc, AsBytes(fip)));
  return proven;
}

}  // namespace bootseal::package
