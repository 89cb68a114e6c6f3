#include "firmware/image/host/release_manifest.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/json.h"
#include "firmware/image/host/signed_statement.h"

namespace bootseal::image::host {
namespace {

constexpr std::size_t kSha256Bytes = 32;
constexpr std::uint64_t kMaxSize = std::numeric_limits<std::int64_t>::max();

absl::Status Malformed(absl::string_view member, absl::string_view what) {
  return base::Invalid("MANIFEST_MALFORMED", member,
                       absl::StrCat(member, " of the manifest ", what));
}

struct Member {
  const json_t* object;
  std::string path;  // of the object, with a dot

  absl::Status Malformed(const char* name, absl::string_view what) const {
    return host::Malformed(absl::StrCat(path, name), what);
  }
  absl::StatusOr<std::string> Text(const char* name) const {
    auto text = JsonString(object, name);
    if (text.has_value() && !text->empty()) return *std::move(text);
    return Malformed(name, "is no text");
  }
  absl::StatusOr<std::uint64_t> Number(const char* name, std::uint64_t least,
                                       std::uint64_t most) const {
    const auto number = JsonNumber(object, name);
    if (number.has_value() && *number >= least && *number <= most) {
      return *number;
    }
    return Malformed(name,
                     absl::StrCat("is no number from ", least, " to ", most));
  }
  absl::StatusOr<Guid> GuidIn(const char* name) const {
    const auto guid = ParseGuid(JsonString(object, name).value_or(""));
    if (guid.has_value()) return *guid;
    return Malformed(name, "is no GUID");
  }
  absl::StatusOr<std::string> Hex(const char* name, std::size_t bytes) const {
    const std::string text = JsonString(object, name).value_or("");
    const bool digits = std::all_of(
        text.begin(), text.end(),
        [](unsigned char c) { return absl::ascii_isxdigit(c) != 0; });
    if (digits && text.size() == 2 * bytes) return absl::HexStringToBytes(text);
    return Malformed(name, absl::StrCat("is no ", bytes, " bytes in hex"));
  }
  absl::StatusOr<std::string> Base64(const char* name) const {
    const std::string text = JsonString(object, name).value_or("");
    std::string bytes;
    if (!text.empty() && absl::Base64Unescape(text, &bytes)) return bytes;
    return Malformed(name, "is no base64");
  }
};

bool IsName(absl::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

absl::StatusOr<std::vector<Guid>> ReadBanks(const Member& member,
                                            std::size_t banks) {
  const json_t* array = json_object_get(member.object, "bankGuids");
  std::vector<Guid> guids;
  for (std::size_t i = 0; i < json_array_size(array); ++i) {
    const json_t* text = json_array_get(array, i);
    const auto guid =
        ParseGuid(json_is_string(text) ? json_string_value(text) : "");
    if (!guid.has_value() || guid->zero()) {
      return member.Malformed("bankGuids", "holds what is no GUID, or zeros");
    }
    guids.push_back(*guid);
  }
  if (guids.size() == banks) return guids;
  return member.Malformed(
      "bankGuids", absl::StrCat("holds ", guids.size(), " GUIDs, expected ",
                                banks, ", one per bank"));
}

absl::StatusOr<ReleasedImage> ReadImage(const Member& member,
                                        std::size_t banks) {
  ReleasedImage image;
  ASSIGN_OR_RETURN(image.name, member.Text("name"));
  if (!IsName(image.name)) {
    return member.Malformed("name", "has other letters than a-z, 0-9 and -");
  }
  ASSIGN_OR_RETURN(image.type, member.GuidIn("typeGuid"));
  ASSIGN_OR_RETURN(image.location, member.GuidIn("locationGuid"));
  ASSIGN_OR_RETURN(image.banks, ReadBanks(member, banks));
  ASSIGN_OR_RETURN(image.bank_size, member.Number("bankSize", 1, kMaxSize));
  ASSIGN_OR_RETURN(image.size, member.Number("size", 1, image.bank_size));
  ASSIGN_OR_RETURN(image.sha256, member.Hex("sha256", kSha256Bytes));
  return image;
}

absl::Status ReadImages(const json_t* array, ReleaseManifest& manifest) {
  constexpr char kImages[] = "predicate.images";
  const std::size_t count = json_array_size(array);
  if (count == 0 || count > fwu::kMaxImages) {
    return Malformed(kImages,
                     absl::StrCat("holds ", count, " images, expected 1 to ",
                                  fwu::kMaxImages));
  }
  std::set<std::string> names;
  std::set<std::string> banks;
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(ReleasedImage image,
                     ReadImage({json_array_get(array, i),
                                absl::StrCat(kImages, ".", i, ".")},
                               manifest.banks));
    for (const Guid& bank : image.banks) banks.insert(ToString(bank.bytes));
    names.insert(image.name);
    manifest.images.push_back(std::move(image));
  }
  if (names.size() != count) return Malformed(kImages, "holds a name twice");
  // Writing one bank would write another.
  if (banks.size() != count * manifest.banks) {
    return Malformed(kImages, "holds the GUID of a bank twice");
  }
  return absl::OkStatus();
}

bool Describes(const fwu::Image& entry, const ReleasedImage& image) {
  if (entry.type != image.type || entry.location != image.location) {
    return false;
  }
  for (std::size_t bank = 0; bank < image.banks.size(); ++bank) {
    if (entry.banks[bank].guid != image.banks[bank]) return false;
  }
  return true;
}

// The metadata and nothing behind it, of these very images.
absl::Status CheckMetadata(const ReleaseManifest& manifest) {
  constexpr char kMember[] = "predicate.metadata";
  const fwu::Geometry geometry{
      static_cast<std::uint8_t>(manifest.banks),
      static_cast<std::uint16_t>(manifest.images.size())};
  const Result<fwu::Read> read =
      fwu::ReadMetadata(AsBytes(manifest.metadata), geometry);
  if (!read.ok()) {
    return Malformed(
        kMember, absl::StrCat("cannot be read: ", image::Text(read.error())));
  }
  const std::uint32_t version = read->metadata.version;
  if ((version == 2 ? 2u : 1u) != manifest.metadata_version) {
    return Malformed(kMember, absl::StrCat("has version ", version,
                                           ", not its metadataVersion"));
  }
  if (fwu::SizeOf(version, geometry) + read->vendor_data.size() !=
      manifest.metadata.size()) {
    return Malformed(kMember, "has bytes behind its end");
  }
  for (std::size_t i = 0; i < manifest.images.size(); ++i) {
    if (!Describes(read->metadata.images[i], manifest.images[i])) {
      return Malformed(kMember, absl::StrCat("names other GUIDs than image ",
                                             manifest.images[i].name));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ReleaseManifest> ReadPredicate(const Member& member) {
  ReleaseManifest manifest;
  ASSIGN_OR_RETURN(manifest.product, member.Text("product"));
  ASSIGN_OR_RETURN(manifest.target, member.Text("target"));
  ASSIGN_OR_RETURN(const std::string version, member.Text("version"));
  const auto parsed = ParseVersion(version);
  if (!parsed.ok()) return member.Malformed("version", "is no version");
  manifest.version = *parsed;
  ASSIGN_OR_RETURN(const std::uint64_t counter,
                   member.Number("securityCounter", 0, UINT32_MAX));
  manifest.security_counter = static_cast<std::uint32_t>(counter);
  ASSIGN_OR_RETURN(const std::uint64_t metadata_version,
                   member.Number("metadataVersion", 1, 2));
  manifest.metadata_version = static_cast<std::uint32_t>(metadata_version);
  ASSIGN_OR_RETURN(const std::uint64_t banks,
                   member.Number("banks", 1, fwu::kMaxBanks));
  manifest.banks = static_cast<std::uint32_t>(banks);
  RETURN_IF_ERROR(
      ReadImages(json_object_get(member.object, "images"), manifest));
  ASSIGN_OR_RETURN(manifest.metadata, member.Base64("metadata"));
  RETURN_IF_ERROR(CheckMetadata(manifest));
  return manifest;
}

}  // namespace

absl::StatusOr<ReleaseManifest> ReadManifest(absl::string_view json) {
  const absl::StatusOr<JsonPtr> statement = ParseJsonObject(json);
  if (!statement.ok()) return Malformed("JSON", statement.status().message());
  if (JsonString(statement->get(), "_type") != kStatementType) {
    return Malformed("_type", absl::StrCat("is not ", kStatementType));
  }
  if (JsonString(statement->get(), "predicateType") != kReleasePredicate) {
    return Malformed("predicateType",
                     absl::StrCat("is not ", kReleasePredicate));
  }
  ASSIGN_OR_RETURN(
      ReleaseManifest manifest,
      ReadPredicate(
          {json_object_get(statement->get(), "predicate"), "predicate."}));
  // Unknown members, other subjects, another order or spelling.
  if (WriteManifest(manifest) != json) {
    return Malformed("text", "is not the one that says this");
  }
  return manifest;
}

absl::StatusOr<VerifiedRelease> OpenRelease(absl::string_view envelope,
                                            absl::string_view receipt,
                                            const ReleaseTrust& trust) {
  ASSIGN_OR_RETURN(const SignedStatement statement,
                   OpenStatement("release", envelope, receipt, trust));
  VerifiedRelease release;
  release.log_index_ = statement.log_index;
  ASSIGN_OR_RETURN(release.manifest_, ReadManifest(statement.text));
  return release;
}

}  // namespace bootseal::image::host
