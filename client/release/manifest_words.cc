#include "client/release/manifest_words.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "client/release/guid_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "firmware/image/host/guid.h"

namespace bootseal::release {
namespace {

using cli::Json;
using cli::JsonObject;
using cli::Printable;
using image::host::ReleasedImage;
using image::host::ReleaseManifest;

constexpr std::size_t kTarMagicOffset = 257;
constexpr char kFirstMember[] = "manifest.json";

Json ImageToJson(const ReleasedImage& image) {
  std::vector<Json> banks;
  for (const image::Guid& bank : image.banks) {
    banks.push_back(Json::Text(image::host::FormatGuid(bank)));
  }
  return JsonObject()
      .Add("name", Json::Text(image.name))
      .Add("type_guid", Json::Text(image::host::FormatGuid(image.type)))
      .Add("location_guid", Json::Text(image::host::FormatGuid(image.location)))
      .Add("bank_guids", Json::Array(banks))
      .Add("bank_size", Json::Number(image.bank_size))
      .Add("size", Json::Number(image.size))
      .Add("sha256", Json::Hex(image.sha256))
      .Build();
}

}  // namespace

bool LooksLikeEnvelope(absl::string_view file) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(file), "{") &&
         absl::StrContains(file, "\"payloadType\"") &&
         absl::StrContains(file, "\"signatures\"");
}

bool LooksLikeBundle(absl::string_view file) {
  return file.size() > kTarMagicOffset + 5 &&
         file.substr(kTarMagicOffset, 5) == "ustar" &&
         absl::StartsWith(file,
                          absl::string_view(kFirstMember, sizeof kFirstMember));
}

absl::StatusOr<ReleaseManifest> ReadUnproven(absl::string_view text) {
  ASSIGN_OR_RETURN(const image::host::Envelope envelope,
                   image::host::ReadEnvelope(text));
  if (envelope.payload_type != image::host::kManifestPayloadType) {
    return base::Invalid(
        "PAYLOAD_TYPE", "payloadType",
        absl::StrCat("payload type is \"",
                     absl::Utf8SafeCEscape(envelope.payload_type),
                     "\", expected ", image::host::kManifestPayloadType));
  }
  return image::host::ReadManifest(envelope.payload);
}

Rows ManifestRows(const ReleaseManifest& manifest) {
  Rows rows{{"product", Printable(manifest.product)},
            {"target", Printable(manifest.target)},
            {"version", image::host::FormatVersion(manifest.version)},
            {"security counter", absl::StrCat(manifest.security_counter)},
            {"metadata", absl::StrCat("version ", manifest.metadata_version,
                                      ", ", manifest.banks, " banks")}};
  for (const ReleasedImage& image : manifest.images) {
    rows.push_back(
        {absl::StrCat("image ", Printable(image.name)),
         absl::StrCat(image.size, " of ", image.bank_size, " bytes, sha256 ",
                      absl::BytesToHexString(image.sha256))});
    rows.push_back({"  type", GuidWords(image.type)});
    std::vector<std::string> banks;
    for (const image::Guid& bank : image.banks) {
      banks.push_back(GuidWords(bank));
    }
    rows.push_back({"  for banks", absl::StrJoin(banks, ", ")});
  }
  return rows;
}

JsonObject ManifestJson(const ReleaseManifest& manifest) {
  std::vector<Json> images;
  for (const ReleasedImage& image : manifest.images) {
    images.push_back(ImageToJson(image));
  }
  JsonObject json;
  json.Add("product", Json::Text(manifest.product))
      .Add("target", Json::Text(manifest.target))
      .Add("version", Json::Text(image::host::FormatVersion(manifest.version)))
      .Add("security_counter", Json::Number(manifest.security_counter))
      .Add("metadata_version", Json::Number(manifest.metadata_version))
      .Add("banks", Json::Number(manifest.banks))
      .Add("images", Json::Array(images))
      .Add("metadata", Json::Hex(manifest.metadata));
  return json;
}

}  // namespace bootseal::release
