#include "client/approval/package_words.h"

#include "absl/strings/str_cat.h"
#include "client/approval/pending_words.h"
#include "client/approval/release_words.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"

namespace bootseal::approval {
namespace {

using cli::Json;
using cli::JsonObject;
using cli::Printable;
using Rows = std::vector<std::vector<std::string>>;

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

std::string FusedHashOf(const image::stm32::Header& header) {
  return image::host::ToString(image::stm32::FusedHash(header).bytes());
}

Json CertificateJson(const v1::SignedDigest& digest) {
  return JsonObject()
      .Add("name", Json::Text(digest.name()))
      .Add("key", Json::Text(digest.key()))
      .Add("key_hash", Json::Hex(digest.key_hash()))
      .Add("digest", Json::Hex(digest.digest()))
      .Add("to_be_signed", Json::Hex(digest.preimage().message()))
      .Build();
}

}  // namespace

Rows PackageRows(const Pending& pending) {
  const v1::SigningEvent& signing = pending.entry.signing();
  const auto& request = pending.package->request;
  Rows rows{
      {"certificates", absl::StrCat("valid from ", TimeText(request.not_before),
                                    " to ", TimeText(request.not_after))},
      {"NV counter",
       absl::StrCat(request.trusted_counter, ", of both worlds")}};
  for (const v1::ComponentDigest& each : signing.components()) {
    rows.push_back(
        {absl::StrCat("image ", Printable(each.name())),
         absl::StrCat(each.size(), " bytes, sha256 ", Hex(each.sha256()))});
  }
  for (const v1::SignedDigest& digest : signing.digests()) {
    rows.push_back({Printable(digest.name()),
                    absl::StrCat("digest ", Hex(digest.digest()))});
    rows.push_back({"", Printable(absl::StrCat("by key ", digest.key(), ", ",
                                               Hex(digest.key_hash())))});
  }
  return rows;
}

Json PackageJson(const Pending& pending) {
  const v1::SigningEvent& signing = pending.entry.signing();
  const auto& request = pending.package->request;
  std::vector<Json> images;
  for (const v1::ComponentDigest& each : signing.components()) {
    images.push_back(JsonObject()
                         .Add("name", Json::Text(each.name()))
                         .Add("size", Json::Number(each.size()))
                         .Add("sha256", Json::Hex(each.sha256()))
                         .Build());
  }
  std::vector<Json> certificates;
  for (const v1::SignedDigest& digest : signing.digests()) {
    certificates.push_back(CertificateJson(digest));
  }
  return JsonObject()
      .Add("nv_counter", Json::Number(request.trusted_counter))
      .Add("valid_from", Json::Text(TimeText(request.not_before)))
      .Add("valid_until", Json::Text(TimeText(request.not_after)))
      .Add("images", Json::Array(images))
      .Add("certificates", Json::Array(certificates))
      .Build();
}

std::string RecomputePackageCommands(const Pending& pending) {
  const v1::SigningEvent& signing = pending.entry.signing();
  std::string text;
  for (const v1::ComponentDigest& each : signing.components()) {
    absl::StrAppend(&text, "echo '", Hex(each.sha256()), "  ", each.name(),
                    ".bin' | sha256sum -c\n");
  }
  for (const v1::SignedDigest& digest : signing.digests()) {
    absl::StrAppend(&text, "# ", digest.name(), "\n",
                    HashMessageCommands(digest));
  }
  return text;
}

Rows FirstStageRows(const Pending& pending) {
  const image::stm32::Header& header = *pending.first_stage;
  return {{"first stage",
           absl::StrCat("STM32 header ",
                        image::host::FormatStm32Version(header.version),
                        ", image version ", header.image_version)},
          {"entry point", cli::HexNumber(header.entry_point)},
          {"load address", cli::HexNumber(header.load_address)},
          {"binary type", cli::HexNumber(header.binary_type)},
          {"to be fused", Hex(FusedHashOf(header))}};
}

Json FirstStageJson(const Pending& pending) {
  const image::stm32::Header& header = *pending.first_stage;
  return JsonObject()
      .Add("header_version",
           Json::Text(image::host::FormatStm32Version(header.version)))
      .Add("image_version", Json::Number(header.image_version))
      .Add("entry_point", Json::Number(header.entry_point))
      .Add("load_address", Json::Number(header.load_address))
      .Add("binary_type", Json::Number(header.binary_type))
      .Add("key_hash_in_otp", Json::Hex(FusedHashOf(header)))
      .Build();
}

}  // namespace bootseal::approval
