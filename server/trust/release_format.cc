#include "server/trust/release_format.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/metadata_readers.h"
#include "server/trust/format.h"
#include "server/trust/metadata_reader.h"

namespace bootseal::trust {
namespace {

namespace fwu = image::fwu;
using image::host::ManifestDigest;
using image::host::ReleasedImage;
using image::host::ReleaseManifest;

// A version 2 entry of eight images in four banks has 1,064 bytes.
constexpr std::size_t kMetadataBytes =
    fwu::SizeOf(2, {fwu::kMaxBanks, fwu::kMaxImages});

image::Guid GuidOf(const std::string& text) {
  return image::host::ParseGuid(text).value_or(image::Guid());
}

fwu::Geometry GeometryOf(const v1::ReleaseFormat& format) {
  return {static_cast<std::uint8_t>(format.images(0).bank_guids_size()),
          static_cast<std::uint16_t>(format.images_size())};
}

absl::Status Invalid(absl::string_view field, absl::string_view message) {
  return base::Invalid("PROVISIONING_INVALID",
                       absl::StrCat("provisioning.", field), message);
}

absl::Status CheckBank(const char* field, std::uint32_t bank,
                       std::uint32_t banks) {
  if (bank < banks) return absl::OkStatus();
  return Invalid(field,
                 absl::StrCat(field, " is bank ", bank,
                              ", the target has banks 0 to ", banks - 1));
}

fwu::BankState ToImage(v1::BankState state) {
  if (state == v1::BANK_ACCEPTED) return fwu::BankState::kAccepted;
  return state == v1::BANK_VALID ? fwu::BankState::kValid
                                 : fwu::BankState::kInvalid;
}

absl::Status CheckStates(const v1::Provisioning& provisioning,
                         std::uint32_t banks) {
  const int count = provisioning.states_size();
  if (count == 0) return absl::OkStatus();
  if (count != static_cast<int>(banks)) {
    return Invalid("states", absl::StrCat("has ", count, " states, expected ",
                                          banks, ", one for each bank"));
  }
  for (int i = 0; i < count; ++i) {
    const v1::BankState state = provisioning.states(i);
    if (state == v1::BANK_INVALID || state == v1::BANK_VALID ||
        state == v1::BANK_ACCEPTED) {
      continue;
    }
    return Invalid("states", absl::StrCat("bank ", i,
                                          " has no state, expected invalid, "
                                          "valid or accepted"));
  }
  const int active = static_cast<int>(provisioning.active());
  if (provisioning.states(active) != v1::BANK_INVALID) return absl::OkStatus();
  return Invalid("states",
                 absl::StrCat("bank ", active,
                              " is active and invalid: the device would not "
                              "boot; make it accepted, or valid for a trial"));
}

v1::Provisioning Default() {
  v1::Provisioning provisioning;
  provisioning.set_previous(1);
  return provisioning;
}

absl::Status OfAnother(absl::string_view field, absl::string_view found,
                       absl::string_view expected) {
  return base::Invalid(
      "METADATA_OF_ANOTHER", field,
      absl::StrCat(field, " is ", found, ", the target has ", expected));
}

absl::Status CheckGuid(absl::string_view field, const image::Guid& found,
                       const std::string& expected) {
  if (found == GuidOf(expected)) return absl::OkStatus();
  return OfAnother(field, image::host::FormatGuid(found),
                   image::host::FormatGuid(GuidOf(expected)));
}

absl::Status CheckImage(const v1::ReleaseImage& expected,
                        const fwu::Image& found) {
  const auto field = [&](absl::string_view name) {
    return absl::StrCat("image ", expected.name(), " ", name);
  };
  RETURN_IF_ERROR(CheckGuid(field("type"), found.type, expected.type_guid()));
  RETURN_IF_ERROR(
      CheckGuid(field("location"), found.location, expected.location_guid()));
  for (int i = 0; i < expected.bank_guids_size(); ++i) {
    RETURN_IF_ERROR(CheckGuid(field(absl::StrCat("bank ", i)),
                              found.banks[static_cast<std::size_t>(i)].guid,
                              expected.bank_guids(i)));
  }
  return absl::OkStatus();
}

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition(
      "RELEASE_MISMATCH",
      absl::StrCat("the release contradicts itself: ", message));
}

absl::Status Expect(absl::string_view what, absl::string_view manifest,
                    absl::string_view entry) {
  if (manifest == entry) return absl::OkStatus();
  return Mismatch(absl::StrCat(what, " is ", absl::CHexEscape(manifest),
                               " in the manifest that gets signed, and ",
                               absl::CHexEscape(entry), " in the entry"));
}

absl::Status CheckComponents(const v1::SigningEvent& signing,
                             const ReleaseManifest& manifest) {
  RETURN_IF_ERROR(Expect("the number of images",
                         absl::StrCat(manifest.images.size()),
                         absl::StrCat(signing.components_size())));
  for (int i = 0; i < signing.components_size(); ++i) {
    const v1::ComponentDigest& component = signing.components(i);
    const ReleasedImage& image = manifest.images[static_cast<std::size_t>(i)];
    const auto text = [](absl::string_view name, std::uint64_t size,
                         absl::string_view sha256) {
      return absl::StrCat(name, " (", size, " bytes, sha256 ",
                          absl::BytesToHexString(sha256), ")");
    };
    RETURN_IF_ERROR(
        Expect("an image", text(image.name, image.size, image.sha256),
               text(component.name(), component.size(), component.sha256())));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<fwu::Metadata> MetadataOf(const v1::ReleaseFormat& format,
                                         const v1::Provisioning* given) {
  const v1::Provisioning provisioning = given == nullptr ? Default() : *given;
  fwu::Metadata metadata;
  metadata.version = format.metadata_version();
  metadata.geometry = GeometryOf(format);
  const std::uint32_t banks = metadata.geometry.banks;
  RETURN_IF_ERROR(CheckBank("active", provisioning.active(), banks));
  RETURN_IF_ERROR(CheckBank("previous", provisioning.previous(), banks));
  RETURN_IF_ERROR(CheckStates(provisioning, banks));
  metadata.active = provisioning.active();
  metadata.previous = provisioning.previous();
  std::array<bool, fwu::kMaxBanks> accepted{};
  for (std::uint32_t i = 0; i < banks; ++i) {
    const fwu::BankState stated =
        provisioning.states().empty()
            ? (i == metadata.active ? fwu::BankState::kAccepted
                                    : fwu::BankState::kInvalid)
            : ToImage(provisioning.states(static_cast<int>(i)));
    metadata.states[i] = stated;
    accepted[i] = stated == fwu::BankState::kAccepted;
  }
  for (int i = 0; i < format.images_size(); ++i) {
    const v1::ReleaseImage& image = format.images(i);
    fwu::Image& entry = metadata.images[static_cast<std::size_t>(i)];
    entry.type = GuidOf(image.type_guid());
    entry.location = GuidOf(image.location_guid());
    for (std::uint32_t bank = 0; bank < banks; ++bank) {
      entry.banks[bank] = {GuidOf(image.bank_guids(static_cast<int>(bank))),
                           accepted[bank]};
    }
  }
  return metadata;
}

absl::Status CheckIsOf(const v1::ReleaseFormat& format,
                       const fwu::Metadata& metadata) {
  const fwu::Geometry geometry = GeometryOf(format);
  const std::uint32_t version = metadata.version == 0 ? 1 : metadata.version;
  if (version != format.metadata_version()) {
    return OfAnother("version", absl::StrCat(metadata.version),
                     absl::StrCat(format.metadata_version()));
  }
  if (metadata.geometry.banks != geometry.banks) {
    return OfAnother("number of banks", absl::StrCat(metadata.geometry.banks),
                     absl::StrCat(geometry.banks));
  }
  if (metadata.geometry.images != geometry.images) {
    return OfAnother("number of images", absl::StrCat(metadata.geometry.images),
                     absl::StrCat(geometry.images));
  }
  for (int i = 0; i < format.images_size(); ++i) {
    RETURN_IF_ERROR(CheckImage(format.images(i),
                               metadata.images[static_cast<std::size_t>(i)]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WriteReadable(const v1::ReleaseFormat& format,
                                          const fwu::Metadata& metadata) {
  for (const int reader : format.readers()) {
    const auto known = ToImage(static_cast<v1::MetadataReader>(reader));
    if (!known) return base::Internal("a reader that nobody knows");
    RETURN_IF_ERROR(image::host::CheckReadableBy(*known, metadata, 0));
  }
  std::array<std::byte, kMetadataBytes> buffer;
  const auto written = fwu::WriteMetadata(metadata, {}, buffer);
  RETURN_IF_ERROR(image::host::ToStatus(written.error()));
  return image::host::ToString(*written);
}

absl::StatusOr<ReleaseManifest> ManifestOf(
    const v1::Target& target, const v1::SignHeader& header,
    std::uint32_t security_counter,
    const std::vector<v1::ComponentDigest>& components) {
  const v1::ReleaseFormat& format = target.release();
  ReleaseManifest manifest;
  manifest.product = format.product();
  manifest.target = target.name();
  const auto version = image::host::ParseVersion(header.version());
  if (!version.ok()) {
    return base::Invalid("VERSION_INVALID", "version",
                         version.status().message());
  }
  manifest.version = *version;
  manifest.security_counter = security_counter;
  manifest.metadata_version = format.metadata_version();
  manifest.banks = GeometryOf(format).banks;
  ASSIGN_OR_RETURN(
      const fwu::Metadata metadata,
      MetadataOf(format,
                 header.has_provisioning() ? &header.provisioning() : nullptr));
  ASSIGN_OR_RETURN(manifest.metadata, WriteReadable(format, metadata));
  if (components.size() != static_cast<std::size_t>(format.images_size())) {
    return base::Internal("not one component for each image");
  }
  for (int i = 0; i < format.images_size(); ++i) {
    const v1::ReleaseImage& image = format.images(i);
    const v1::ComponentDigest& component =
        components[static_cast<std::size_t>(i)];
    ReleasedImage& released = manifest.images.emplace_back();
    released.name = image.name();
    released.type = GuidOf(image.type_guid());
    released.location = GuidOf(image.location_guid());
    for (const std::string& bank : image.bank_guids()) {
      released.banks.push_back(GuidOf(bank));
    }
    released.bank_size = image.bank_size();
    released.size = component.size();
    released.sha256 = component.sha256();
  }
  return manifest;
}

std::string ReleaseMessage(absl::string_view statement) {
  return image::host::PreAuthenticationEncoding(
      image::host::kManifestPayloadType, statement);
}

absl::StatusOr<std::string> StatementIn(const v1::SigningEvent& signing) {
  if (signing.digests_size() != 1) {
    return Mismatch(absl::StrCat("it has ", signing.digests_size(),
                                 " digests, expected one"));
  }
  const v1::SignedDigest& digest = signing.digests(0);
  const std::string& message = digest.preimage().message();
  const std::size_t begin = message.find('{');
  std::string statement =
      begin == std::string::npos ? std::string() : message.substr(begin);
  if (ReleaseMessage(statement) != message) {
    return Mismatch(
        "what its digest is over is no statement in DSSE's encoding");
  }
  const image::Digest computed =
      ManifestDigest(trust::ToImage(digest.algorithm()), statement);
  RETURN_IF_ERROR(
      Expect("the digest",
             absl::BytesToHexString(image::host::ToString(computed.bytes())),
             absl::BytesToHexString(digest.digest())));
  return statement;
}

absl::StatusOr<ReleaseManifest> OpenReleaseMessage(
    const v1::SigningEvent& signing) {
  ASSIGN_OR_RETURN(const std::string text, StatementIn(signing));
  auto manifest = image::host::ReadManifest(text);
  if (!manifest.ok()) return Mismatch(manifest.status().message());
  RETURN_IF_ERROR(Expect("the target", manifest->target, signing.target()));
  const auto version = image::host::ParseVersion(signing.version());
  if (!version.ok()) return Mismatch(version.status().message());
  RETURN_IF_ERROR(Expect("the version",
                         image::host::FormatVersion(manifest->version),
                         image::host::FormatVersion(*version)));
  RETURN_IF_ERROR(Expect("the security counter",
                         absl::StrCat(manifest->security_counter),
                         absl::StrCat(signing.security_counter())));
  RETURN_IF_ERROR(CheckComponents(signing, *manifest));
  return manifest;
}

bool IsFip(const v1::ReleaseImage& image) {
  return GuidOf(image.type_guid()) == image::guids::kFip;
}

}  // namespace bootseal::trust
