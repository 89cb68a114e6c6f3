#include "absl/strings/escaping.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/json.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::image::host {
namespace {

json_t* Text(absl::string_view text) {
  return json_stringn(text.data(), text.size());
}

json_t* Number(std::uint64_t number) {
  return json_integer(static_cast<json_int_t>(number));
}

json_t* ImageObject(const ReleasedImage& image) {
  json_t* banks = json_array();
  for (const Guid& bank : image.banks) {
    json_array_append_new(banks, Text(FormatGuid(bank)));
  }
  return json_pack("{s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "bankGuids",
                   banks, "bankSize", Number(image.bank_size), "locationGuid",
                   Text(FormatGuid(image.location)), "name", Text(image.name),
                   "sha256", Text(absl::BytesToHexString(image.sha256)), "size",
                   Number(image.size), "typeGuid",
                   Text(FormatGuid(image.type)));
}

json_t* Subject(const ReleasedImage& image) {
  return json_pack("{s:{s:o*}, s:o*}", "digest", "sha256",
                   Text(absl::BytesToHexString(image.sha256)), "name",
                   Text(image.name));
}

json_t* Predicate(const ReleaseManifest& manifest) {
  json_t* images = json_array();
  for (const ReleasedImage& image : manifest.images) {
    json_array_append_new(images, ImageObject(image));
  }
  return json_pack(
      "{s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "banks",
      Number(manifest.banks), "images", images, "metadata",
      Text(absl::Base64Escape(manifest.metadata)), "metadataVersion",
      Number(manifest.metadata_version), "product", Text(manifest.product),
      "securityCounter", Number(manifest.security_counter), "target",
      Text(manifest.target), "version", Text(FormatVersion(manifest.version)));
}

}  // namespace

std::string WriteManifest(const ReleaseManifest& manifest) {
  json_t* subjects = json_array();
  for (const ReleasedImage& image : manifest.images) {
    json_array_append_new(subjects, Subject(image));
  }
  const JsonPtr statement(json_pack("{s:s, s:s, s:o*, s:o*}", "_type",
                                    kStatementType, "predicateType",
                                    kReleasePredicate, "predicate",
                                    Predicate(manifest), "subject", subjects));
  return CanonicalJson(statement.get());
}

Digest ManifestDigest(Algorithm algorithm, absl::string_view manifest) {
  const HashAlgorithm hash = algorithm == Algorithm::kP384
                                 ? HashAlgorithm::kSha384
                                 : HashAlgorithm::kSha256;
  const std::string message =
      PreAuthenticationEncoding(kManifestPayloadType, manifest);
  return HashOf(hash, AsBytes(message));
}

}  // namespace bootseal::image::host
