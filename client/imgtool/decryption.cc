#include "client/imgtool/decryption.h"

#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/encryption.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::imgtool {
namespace {

namespace flags = image::mcuboot::flags;
using image::host::ToString;
using image::mcuboot::Tlv;

// A TLV that holds a content key; `bytes` is its length with one of 16, 0 where
// the length does not tell.
struct Holder {
  std::uint16_t type;
  std::size_t bytes;
};
constexpr std::array<Holder, 5> kHolders{{
    {enc_tlv::kRsa2048, 0},
    {enc_tlv::kKeyWrap, 24},
    {enc_tlv::kEcP256, 113},
    {enc_tlv::kX25519, 80},
    {enc_tlv::kX25519Sha512, 112},
}};

absl::Status CheckKeyLength(const Holder& holder, std::size_t bytes,
                            std::uint32_t header_flags) {
  const std::size_t more =
      (header_flags & flags::kEncryptedAes256) != 0 ? 16 : 0;
  if (holder.bytes == 0 || bytes == holder.bytes + more) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "ENCRYPTION_TLV", "image",
      absl::StrCat("the encryption TLV has ", bytes,
                   " bytes, and the header's flags say AES-",
                   more == 0 ? 128 : 256, ": expected ", holder.bytes + more));
}

struct ContentKey {
  Holder holder;
  std::string value;
};

absl::StatusOr<ContentKey> FindContentKey(image::Bytes area) {
  for (const Tlv& tlv : image::mcuboot::Tlvs(area)) {
    for (const Holder& holder : kHolders) {
      if (holder.type == tlv.type) {
        return ContentKey{holder, ToString(tlv.value)};
      }
    }
  }
  return base::Precondition(
      "CONTENT_KEY_MISSING",
      "the image says that it is encrypted and holds no content key: no device "
      "can decrypt it");
}

}  // namespace

absl::StatusOr<std::string> DecryptImage(absl::string_view image,
                                         const DeviceKey& device) {
  const image::mcuboot::Reading reading = image::mcuboot::ReadImage(
      image::host::AsBytes(image), image::HashAlgorithm::kSha256);
  RETURN_IF_ERROR(image::host::ToStatus(reading.error));
  const std::uint32_t header_flags = reading.facts.header.flags;
  if ((header_flags & (flags::kEncryptedAes128 | flags::kEncryptedAes256)) ==
      0) {
    return base::Precondition(
        "NOT_ENCRYPTED",
        "the image is not encrypted: anybody reads its payload; verify it "
        "without --decrypt-key, or sign it with -E/--encrypt");
  }
  ASSIGN_OR_RETURN(const ContentKey key,
                   FindContentKey(reading.facts.unprotected_area));
  RETURN_IF_ERROR(CheckKeyLength(key.holder, key.value.size(), header_flags));
  ASSIGN_OR_RETURN(
      const std::string payload,
      device.Decrypt(key.holder.type, key.value, ToString(reading.payload)));
  std::string plain(image);
  plain.replace(reading.facts.header.header_size, payload.size(), payload);
  return plain;
}

}  // namespace bootseal::imgtool
