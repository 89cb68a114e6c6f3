// Is the payload what the target's bootloader can make use of?
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

using Found = std::optional<Diagnosis>;

std::string EncryptionFix(const Evidence& e) {
  return e.rules.encryption == mcuboot::Presence::kForbidden
             ? "sign without -E: the target's bootloader decrypts nothing"
             : absl::StrFormat(
                   "sign with -E and the device's public key, of the kind that "
                   "makes %s, and --encrypt-keylen %d",
                   DescribeTlv(e.rules.encryption_tlv),
                   e.rules.encryption_key_bits);
}

Found OfKey(const Evidence& e, const mcuboot::Tlv& key, std::uint32_t bits) {
  const std::uint32_t size = mcuboot::EncryptionTlvSize(key.type, bits);
  if (key.value.size() != size) {
    return Diagnosis{
        "ENCRYPTION_KEY_LENGTH",
        absl::StrFormat("%s of %d bytes", DescribeTlv(key.type),
                        key.value.size()),
        e.OffsetOf(key.value) - mcuboot::kTlvHeaderBytes,
        absl::StrFormat("%d bytes; no bootloader takes another length", size),
        EncryptionFix(e),
        ImgtoolCommandFor(e)};
  }
  if (e.rules.encryption != mcuboot::Presence::kForbidden) return std::nullopt;
  return Diagnosis{
      "ENCRYPTED",
      absl::StrFormat("flags 0x%x say that the payload is encrypted",
                      e.reading.facts.header.flags),
      0x10,
      "a plain payload: the target's bootloader has no key to decrypt",
      "sign without -E",
      SignCommandFor(e)};
}

Found Encrypted(const Evidence& e) {
  namespace flags = mcuboot::flags;
  const std::uint32_t set = e.reading.facts.header.flags & flags::kEncrypted;
  if (!e.whole() || set == 0) return std::nullopt;
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(e.reading.facts.unprotected_area)) {
    if (!mcuboot::IsEncryption(tlv.type)) continue;
    return OfKey(e, tlv, set == flags::kEncryptedAes256 ? 256 : 128);
  }
  return Diagnosis{
      "ENCRYPTED_WITHOUT_KEY",
      absl::StrFormat("flags 0x%x say encrypted, and no TLV holds the key",
                      e.reading.facts.header.flags),
      0x10,
      "an ENC TLV: imgtool leaves it out in silence for P-384 and Ed25519 "
      "keys, and the content is lost",
      EncryptionFix(e),
      ImgtoolCommandFor(e)};
}

Found Compressed(const Evidence& e) {
  namespace flags = mcuboot::flags;
  const std::uint32_t set = e.reading.facts.header.flags & flags::kCompressed;
  if (!e.whole() || set == 0 ||
      e.rules.compression != mcuboot::Compression::kNone) {
    return std::nullopt;
  }
  return Diagnosis{"COMPRESSED",
                   absl::StrFormat("flags 0x%x say that the payload is "
                                   "compressed",
                                   e.reading.facts.header.flags),
                   0x10,
                   "a plain payload: the target's bootloader decompresses "
                   "nothing",
                   "sign without --compression",
                   SignCommandFor(e)};
}

constexpr Detector kDetectors[] = {Encrypted, Compressed};

}  // namespace

std::span<const Detector> ContentDetectors() { return kDetectors; }

}  // namespace bootseal::image::host
