#include "client/approval/release_words.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/approval/pending_words.h"
#include "client/cli/text.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::approval {
namespace {

using cli::Json;
using cli::JsonObject;
using cli::Printable;
using image::host::ReleasedImage;
using image::host::ReleaseManifest;

std::vector<std::string> BanksOf(const ReleasedImage& image) {
  std::vector<std::string> banks;
  for (const image::Guid& bank : image.banks) {
    banks.push_back(image::host::FormatGuid(bank));
  }
  return banks;
}

Json ImageToJson(const ReleasedImage& image) {
  std::vector<Json> banks;
  for (const std::string& bank : BanksOf(image)) {
    banks.push_back(Json::Text(bank));
  }
  return JsonObject()
      .Add("name", Json::Text(image.name))
      .Add("type_guid", Json::Text(image::host::FormatGuid(image.type)))
      .Add("bank_guids", Json::Array(banks))
      .Add("bank_size", Json::Number(image.bank_size))
      .Add("size", Json::Number(image.size))
      .Add("sha256", Json::Hex(image.sha256))
      .Build();
}

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition("COMPONENT_MISMATCH", message);
}

}  // namespace

// Octal escapes: the only ones that POSIX has.
std::string HashMessageCommands(const v1::SignedDigest& digest) {
  std::string text = "{\n";
  const absl::string_view message = digest.preimage().message();
  constexpr std::size_t kBytesOfALine = 32;
  for (std::size_t at = 0; at < message.size(); at += kBytesOfALine) {
    absl::StrAppend(&text, "  printf '");
    for (const char c : message.substr(at, kBytesOfALine)) {
      absl::StrAppendFormat(&text, "\\%03o", static_cast<unsigned char>(c));
    }
    absl::StrAppend(&text, "'\n");
  }
  absl::StrAppend(&text, "} | sha", 8 * digest.digest().size(), "sum\n");
  return text;
}

std::vector<std::vector<std::string>> ReleaseRows(const Pending& pending) {
  const ReleaseManifest& manifest = *pending.release;
  std::vector<std::vector<std::string>> rows{
      {"product", Printable(manifest.product)},
      {"metadata",
       absl::StrCat("version ", manifest.metadata_version, ", ", manifest.banks,
                    " banks, ", Hex(manifest.metadata))}};
  for (const ReleasedImage& image : manifest.images) {
    rows.push_back(
        {absl::StrCat("image ", Printable(image.name)),
         absl::StrCat(image.size, " bytes, sha256 ", Hex(image.sha256))});
    rows.push_back(
        {"", absl::StrCat("for banks ", absl::StrJoin(BanksOf(image), ", "))});
  }
  return rows;
}

Json ReleaseJson(const Pending& pending) {
  const ReleaseManifest& manifest = *pending.release;
  std::vector<Json> images;
  for (const ReleasedImage& image : manifest.images) {
    images.push_back(ImageToJson(image));
  }
  return JsonObject()
      .Add("product", Json::Text(manifest.product))
      .Add("metadata_version", Json::Number(manifest.metadata_version))
      .Add("banks", Json::Number(manifest.banks))
      .Add("metadata", Json::Hex(manifest.metadata))
      .Add("images", Json::Array(images))
      .Build();
}

std::string RecomputeReleaseCommands(const Pending& pending) {
  const v1::SignedDigest& digest = DigestOf(pending);
  std::string text;
  for (const ReleasedImage& image : pending.release->images) {
    absl::StrAppend(&text, "echo '", Hex(image.sha256), "  ", image.name,
                    ".bin' | sha256sum -c\n");
  }
  absl::StrAppend(&text, HashMessageCommands(digest));
  return text;
}

std::string RecomputeVerdictCommands(const Pending& pending) {
  return absl::StrCat("echo '", Hex(pending.entry.signing().payload_sha256()),
                      "  manifest.json' | sha256sum -c\n",
                      HashMessageCommands(DigestOf(pending)));
}

absl::Status CheckComponent(const Pending& pending, absl::string_view name,
                            absl::string_view content) {
  if (!pending.release && !pending.package) {
    return Mismatch(
        "the request is about one file, and has no components; give it with "
        "--payload");
  }
  std::vector<std::string> names;
  for (const v1::ComponentDigest& image :
       pending.entry.signing().components()) {
    names.push_back(image.name());
    if (image.name() != name) continue;
    const std::string computed =
        image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                            image::host::AsBytes(content))
                                  .bytes());
    if (computed == image.sha256()) return absl::OkStatus();
    return Mismatch(absl::StrCat("component ", name, " has SHA-256 ",
                                 Hex(computed), ", and the request is over ",
                                 Hex(image.sha256())));
  }
  return Mismatch(absl::StrCat("the request has no component \"",
                               absl::CHexEscape(name),
                               "\"; it has: ", absl::StrJoin(names, ", ")));
}

}  // namespace bootseal::approval
