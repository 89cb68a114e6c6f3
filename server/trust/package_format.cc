#include "server/trust/package_format.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "firmware/image/host/convert.h"

namespace bootseal::trust {
namespace {

namespace certificate = image::certificate;
using certificate::ImageRole;
using certificate::Role;

constexpr std::uint32_t kDefaultValidDays = 7300;  // as cert_create's

struct KeyPlace {
  const char* field;
  const std::string& (v1::FipFormat::*name)() const;
};
constexpr KeyPlace kKeyPlaces[] = {
    {"trusted_world_key", &v1::FipFormat::trusted_world_key},
    {"non_trusted_world_key", &v1::FipFormat::non_trusted_world_key},
    {"tos_fw_key", &v1::FipFormat::tos_fw_key},
    {"nt_fw_key", &v1::FipFormat::nt_fw_key},
};

const std::string& FirstOf(const std::string& one, const std::string& other) {
  return one.empty() ? other : one;
}

}  // namespace

const image::host::Stm32Chip* ToImage(v1::Stm32Chip chip) {
  return image::host::FindStm32Chip(
      absl::AsciiStrToLower(v1::Stm32Chip_Name(chip)));
}

std::vector<PackageKey> FurtherKeysOf(const v1::FipFormat& format) {
  std::vector<PackageKey> keys;
  for (const KeyPlace& place : kKeyPlaces) {
    const std::string& name = (format.*place.name)();
    if (!name.empty()) keys.push_back({place.field, name});
  }
  return keys;
}

std::string SignerOf(const v1::Target& target, Role role) {
  const v1::FipFormat& format = target.fip();
  const std::string& trusted =
      FirstOf(format.trusted_world_key(), target.key());
  const std::string& non_trusted =
      FirstOf(format.non_trusted_world_key(), target.key());
  switch (role) {
    case Role::kConfig:
    case Role::kTrustedKey:
      return target.key();
    case Role::kTosFwKey:
      return trusted;
    case Role::kTosFw:
      return FirstOf(format.tos_fw_key(), trusted);
    case Role::kNtFwKey:
      return non_trusted;
    case Role::kNtFw:
      return FirstOf(format.nt_fw_key(), non_trusted);
  }
  return target.key();
}

std::optional<ImageRole> ImageRoleOf(absl::string_view name) {
  for (std::size_t index = 0; index < certificate::kImageRoles; ++index) {
    if (name == certificate::kImageTraits[index].name) {
      return static_cast<ImageRole>(index);
    }
  }
  return std::nullopt;
}

const v1::FipImage* FindImage(const v1::FipFormat& format,
                              absl::string_view name) {
  for (const v1::FipImage& image : format.images()) {
    if (image.name() == name) return &image;
  }
  return nullptr;
}

std::vector<const v1::FipImage*> ImagesOf(const v1::FipFormat& format) {
  std::vector<const v1::FipImage*> images;
  for (const certificate::ImageTraits& traits : certificate::kImageTraits) {
    const v1::FipImage* const image = FindImage(format, traits.name);
    if (image != nullptr) images.push_back(image);
  }
  return images;
}

std::optional<absl::Time> ParseValidFrom(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_sec, text, &time, &error)) {
    return std::nullopt;
  }
  return time;
}

image::host::CertificateRequest CertificatesFor(
    const v1::FipFormat& format, const v1::SignHeader& header,
    std::uint32_t security_counter, image::host::CertificateKeys keys,
    const std::vector<v1::ComponentDigest>& components) {
  image::host::CertificateRequest request;
  request.keys = std::move(keys);
  request.trusted_counter = security_counter;
  request.non_trusted_counter = header.has_non_trusted_counter()
                                    ? header.non_trusted_counter()
                                    : security_counter;
  request.not_before =
      header.has_valid_from_unix_seconds()
          ? absl::FromUnixSeconds(header.valid_from_unix_seconds())
          : ParseValidFrom(format.valid_from()).value_or(absl::UnixEpoch());
  const std::uint32_t days =
      format.valid_days() == 0 ? kDefaultValidDays : format.valid_days();
  request.not_after = request.not_before + absl::Hours(24) * days;
  for (const v1::ComponentDigest& component : components) {
    const auto role = ImageRoleOf(component.name());
    if (role) request.digests[IndexOf(*role)] = component.sha256();
  }
  return request;
}

bool IsPackage(const v1::SigningEvent& signing) {
  return !signing.digests().empty() && !signing.digests(0).name().empty();
}

}  // namespace bootseal::trust
