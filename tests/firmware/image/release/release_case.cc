#include "tests/firmware/image/release/release_case.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "firmware/image/transparency/merkle.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {

using image::host::AsBytes;
using image::host::ToString;
using namespace image::host;

namespace {

constexpr char kLogName[] = "log.example";

}  // namespace

ReleaseManifest FipManifest(std::uint32_t metadata_version) {
  const std::string fip = "a firmware image package";
  ReleaseManifest manifest;
  manifest.product = "pump-controller";
  manifest.target = "pump";
  manifest.version = {1, 3, 0, 0};
  manifest.security_counter = 7;
  manifest.metadata_version = metadata_version;
  manifest.images.push_back(
      {.name = "fip",
       .type = image::guids::kFip,
       .location = {},
       .banks = {image::guids::kFipA, image::guids::kFipB},
       .bank_size = 4 << 20,
       .size = fip.size(),
       .sha256 =
           ToString(image::HashOf(image::HashAlgorithm::kSha256, AsBytes(fip))
                        .bytes())});
  manifest.metadata = Written(FactoryMetadata(metadata_version));
  return manifest;
}

SignedText SignedManifest(const SigningKey& key, const std::string& manifest) {
  const image::Digest digest = ManifestDigest(key.algorithm(), manifest);
  const std::string signature = key.Sign(digest.bytes());
  return {WriteEnvelope({kManifestPayloadType, manifest, "release", signature}),
          signature, ToString(digest.bytes())};
}

std::string EntryOf(const std::string& digest, const std::string& body,
                    char kind) {
  std::string entry = "BSE1";
  entry += kind;
  entry += digest.size() == 48 ? '\2' : '\1';
  entry += static_cast<char>(digest.size());
  entry += '\0';
  entry += digest;
  entry.resize(72, '\0');
  return entry + body;
}

TestLog::TestLog() : key_(image::Algorithm::kEd25519) {
  const std::string raw = key_.public_key().substr(12);
  const std::uint32_t id = image::transparency::KeyId(kLogName, AsBytes(raw));
  for (int shift = 24; shift >= 0; shift -= 8) {
    id_ += static_cast<char>(id >> shift & 0xff);
  }
  verifier_key_ = absl::StrCat(kLogName, "+", absl::BytesToHexString(id_), "+",
                               absl::Base64Escape(absl::StrCat("\x01", raw)));
}

std::string TestLog::Receipt(const std::string& entry) const {
  const std::string root =
      ToString(image::transparency::LeafHash(AsBytes(entry)));
  const std::string text =
      absl::StrCat(kLogName, "\n1\n", absl::Base64Escape(root), "\n");
  const std::string note = absl::StrCat(
      text, "\n\xe2\x80\x94 ", kLogName, " ",
      absl::Base64Escape(absl::StrCat(id_, key_.Sign(AsBytes(text)))), "\n");
  return absl::StrCat("c2sp.org/tlog-proof@v1\nextra ",
                      absl::Base64Escape(entry), "\nindex 0\n\n", note);
}

}  // namespace bootseal::tests
