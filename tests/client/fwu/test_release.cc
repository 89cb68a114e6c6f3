#include "tests/client/fwu/test_release.h"

#include <cstdlib>
#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "tests/support/signing_key.h"

namespace bootseal::fwu {
namespace {

using image::host::AsBytes;

const tests::SigningKey& Key() {
  return tests::SharedKey(image::Algorithm::kP256);
}

std::string ImageContent(std::uint32_t seed, std::size_t size) {
  std::mt19937 random(seed);
  std::string content(size, '\0');
  for (char& c : content) c = static_cast<char>(random() & 0xff);
  return content;
}

// All banks of the first provisioning hold the release.
std::string MetadataOf(const image::host::ReleaseManifest& manifest) {
  image::fwu::Metadata metadata;
  metadata.version = manifest.metadata_version;
  metadata.previous = 1;
  metadata.geometry = {static_cast<std::uint8_t>(manifest.banks),
                       static_cast<std::uint16_t>(manifest.images.size())};
  for (std::size_t i = 0; i < manifest.images.size(); ++i) {
    metadata.images[i].type = manifest.images[i].type;
    for (std::size_t bank = 0; bank < manifest.banks; ++bank) {
      metadata.images[i].banks[bank] = {manifest.images[i].banks[bank], true};
      metadata.states[bank] = image::fwu::BankState::kAccepted;
    }
  }
  std::string buffer(4096, '\0');
  const auto written = image::fwu::WriteMetadata(
      metadata, {},
      {reinterpret_cast<std::byte*>(buffer.data()), buffer.size()});
  if (!written.ok()) std::abort();
  return image::host::ToString(*written);
}

image::host::ReleasedImage Released(const ReleaseOptions& options,
                                    std::size_t index,
                                    const std::string& content) {
  image::host::ReleasedImage image;
  image.name = index == 0 ? "fip" : absl::StrCat("image-", index);
  image.type = index == 0 ? options.type : image::MakeGuid(7, 7, 7, 7, index);
  for (std::size_t bank = 0; bank < options.banks; ++bank) {
    image.banks.push_back(BankGuid(index, bank));
  }
  if (index == 0 && !options.last_bank.zero()) {
    image.banks.back() = options.last_bank;
  }
  image.bank_size = options.bank_bytes;
  image.size = content.size();
  image.sha256 = image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(content)).bytes());
  return image;
}

}  // namespace

image::Guid BankGuid(std::size_t image, std::size_t bank) {
  if (image == 0 && bank == 0) return image::guids::kFipA;
  if (image == 0 && bank == 1) return image::guids::kFipB;
  return image::MakeGuid(1, 2, 3, static_cast<std::uint16_t>(image), bank);
}

image::host::ReleaseTrust TestTrust() {
  return {image::Algorithm::kP256, Key().public_key(), ""};
}

std::string SignedEnvelope(const std::string& payload) {
  const auto digest =
      image::host::ManifestDigest(image::Algorithm::kP256, payload);
  return image::host::WriteEnvelope({image::host::kManifestPayloadType, payload,
                                     "test", Key().Sign(digest.bytes())});
}

std::string TarOf(const TestRelease& release) {
  BundleParts parts{release.head, release.manifest.metadata, {}};
  for (std::size_t i = 0; i < release.images.size(); ++i) {
    parts.images.push_back(
        {release.manifest.images[i].name,
         std::shared_ptr<ByteSource>(FromMemory(release.images[i]))});
  }
  std::string tar;
  if (!WriteBundle(parts, [&tar](image::Bytes bytes) {
         tar += image::host::ToString(bytes);
         return absl::OkStatus();
       }).ok()) {
    std::abort();
  }
  return tar;
}

TestRelease MakeRelease(const ReleaseOptions& options) {
  TestRelease release;
  image::host::ReleaseManifest& manifest = release.manifest;
  manifest.product = options.product;
  manifest.target = "gateway/fip";
  manifest.version.major = 1;
  manifest.version.minor = static_cast<std::uint8_t>(options.minor);
  manifest.security_counter = options.counter;
  manifest.banks = options.banks;
  manifest.metadata_version = options.metadata_version;
  for (std::size_t i = 0; i < options.images; ++i) {
    release.images.push_back(
        ImageContent(static_cast<std::uint32_t>(options.minor * 16 + i),
                     options.image_bytes));
    manifest.images.push_back(Released(options, i, release.images.back()));
  }
  manifest.metadata = MetadataOf(manifest);
  release.head.envelope = SignedEnvelope(image::host::WriteManifest(manifest));
  release.bundle = TarOf(release);
  return release;
}

Bundle OpenTestBundle(const TestRelease& release) {
  auto bundle = Bundle::Open(FromMemory(release.bundle), TestTrust());
  if (!bundle.ok()) {
    std::fprintf(stderr, "%s\n", bundle.status().ToString().c_str());
    std::abort();
  }
  return *std::move(bundle);
}

}  // namespace bootseal::fwu
