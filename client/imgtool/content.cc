#include "client/imgtool/content.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/message.h"
#include "firmware/image/host/compression.h"
#include "firmware/image/host/convert.h"

namespace bootseal::imgtool {
namespace {

namespace flags = image::mcuboot::flags;
namespace tlv = image::mcuboot::tlv;

constexpr std::size_t kBlockBytes = 16;  // AES

bool IsRsa(KeyKind kind) {
  return kind == KeyKind::kRsa2048 || kind == KeyKind::kRsa3072;
}

// imgtool's own rule. It has one for P-384 too, which leaves no key at all that
// a device could decrypt with.
absl::Status CheckFamily(const Key& signing, const Key& device) {
  const bool rsa = IsRsa(signing.kind());
  const bool fits =
      rsa ? IsRsa(device.kind())
          : signing.kind() != KeyKind::kP256 || device.kind() == KeyKind::kP256;
  if (fits) return absl::OkStatus();
  return base::Invalid(
      "ENCRYPTION_KEY_TYPE", "--encrypt",
      absl::StrCat("an image signed with ", signing.traits().name,
                   " is encrypted for ", rsa ? "rsa-2048" : "ecdsa-p256",
                   ", as no bootloader mixes the two; the key of -E is ",
                   device.traits().name));
}

std::uint32_t EncryptionFlags(const SignOptions& options) {
  if (options.encryption_key.empty()) return 0;
  return options.encryption.key_bits == 256 ? flags::kEncryptedAes256
                                            : flags::kEncryptedAes128;
}

std::string Number32(std::size_t number) {
  std::array<std::byte, 4> bytes{};
  image::Writer(bytes).U32(static_cast<std::uint32_t>(number));
  return image::host::ToString(bytes);
}

// What the device holds the decompressed payload against.
absl::StatusOr<std::vector<CustomTlv>> DescribePlain(const SignOptions& options,
                                                     const Signatory& signatory,
                                                     const Content& plain) {
  const Signer& signer = signatory.signer();
  ASSIGN_OR_RETURN(const std::string range, WriteRange(options, signer, plain));
  std::string signature;
  if (options.vector == Vector::kNone) {
    ASSIGN_OR_RETURN(signature, signatory.SignatureOver(range));
    ASSIGN_OR_RETURN(const std::string tail,
                     WriteTail(options, signer, range, signature, nullptr));
    RETURN_IF_ERROR(CheckSize(options, range.size() + tail.size(), 0));
  }
  const image::Digest digest =
      image::HashOf(signer.hash, image::host::AsBytes(range));
  std::vector<CustomTlv> tlvs{
      {tlv::kDecompressedSize, Number32(plain.payload.size()), ""},
      {tlv::kDecompressedDigest, image::host::ToString(digest.bytes()), ""}};
  if (!signature.empty()) {
    tlvs.push_back({tlv::kDecompressedSignature, std::move(signature), ""});
  }
  return tlvs;
}

// `plain` when compression does not pay.
absl::StatusOr<Content> Compressed(const SignOptions& options,
                                   const Signatory& signatory, Content plain) {
  ASSIGN_OR_RETURN(std::vector<CustomTlv> tlvs,
                   DescribePlain(options, signatory, plain));
  ASSIGN_OR_RETURN(std::string stream,
                   image::host::Compress(options.compression, plain.payload));
  std::size_t described = 0;
  for (const CustomTlv& tlv : tlvs) described += tlv.value.size();
  if (!image::host::CompressionPays(plain.payload.size(), stream.size(),
                                    described)) {
    Warn("the payload does not get smaller by compression, and is left plain");
    return plain;
  }
  if (!options.encryption_key.empty()) {
    tlvs.push_back({tlv::kCompressedSize, Number32(stream.size()), ""});
  }
  return Content{std::move(stream),
                 plain.flags | CompressionFlags(options.compression),
                 std::move(tlvs), false};
}

bool IsCompressed(const Content& content) {
  return (content.flags & flags::kCompressedLzma2) != 0;
}

bool IsLeftUnencrypted(const SignOptions& options, const Content& content) {
  return options.imgtool_compatible &&
         options.compression != Compression::kNone && !IsCompressed(content);
}

}  // namespace

absl::StatusOr<std::optional<DeviceKey>> LoadDeviceKey(
    const SignOptions& options, const Key* signing_key,
    const Key::Passphrase& passphrase) {
  if (options.encryption_key.empty()) return std::optional<DeviceKey>();
  ASSIGN_OR_RETURN(DeviceKey key,
                   DeviceKey::Load(options.encryption_key, passphrase));
  RETURN_IF_ERROR(key.Check(options.encryption));
  if (signing_key != nullptr && key.pair() != nullptr) {
    RETURN_IF_ERROR(CheckFamily(*signing_key, *key.pair()));
  }
  return std::optional<DeviceKey>(std::move(key));
}

absl::StatusOr<Content> MakeContent(const SignOptions& options,
                                    const Signatory& signatory,
                                    std::string payload) {
  Content content{std::move(payload), EncryptionFlags(options), {}, false};
  if (options.compression != Compression::kNone) {
    ASSIGN_OR_RETURN(content,
                     Compressed(options, signatory, std::move(content)));
  }
  if (options.encryption_key.empty()) return content;
  if (IsLeftUnencrypted(options, content)) {
    Warn(
        "the payload is left in plaintext without a content key, as imgtool "
        "leaves it, and marked as encrypted: no device takes it");
    content.left_unencrypted = true;
    return content;
  }
  const std::size_t used =
      (options.header_size + content.payload.size()) % kBlockBytes;
  if (used != 0) content.payload.append(kBlockBytes - used, 0);
  return content;
}

SignOptions WithLosses(SignOptions options, const Content& content) {
  if (!options.imgtool_compatible || !IsCompressed(content)) return options;
  options.non_bootable = false;
  if (options.padding == Padding::kTest) options.padding = Padding::kPad;
  return options;
}

}  // namespace bootseal::imgtool
