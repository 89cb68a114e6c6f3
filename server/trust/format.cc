#include "server/trust/format.h"

#include <algorithm>

#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/uuid.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::trust {
namespace {

namespace mcuboot = image::mcuboot;

constexpr std::uint32_t kDefaultMaxSectors = 128;
constexpr std::uint32_t kDefaultMaxAlign = 8;
constexpr std::uint32_t kDefaultContentKeyBits = 128;
// TF-M's MAX_BOOT_RECORD_SZ; facts: mcuboot 4.3.
constexpr std::uint32_t kDefaultBootRecordBytes = 132;
constexpr std::uint32_t kDefaultBootRecordBytesP384 = 164;

std::uint32_t Or(std::uint32_t value, std::uint32_t otherwise) {
  return value == 0 ? otherwise : value;
}

mcuboot::Presence ToImage(v1::Presence presence) {
  switch (presence) {
    case v1::REQUIRED:
      return mcuboot::Presence::kRequired;
    case v1::FORBIDDEN:
      return mcuboot::Presence::kForbidden;
    default:
      return mcuboot::Presence::kOptional;
  }
}

mcuboot::Strategy ToImage(v1::UpgradeStrategy strategy) {
  switch (strategy) {
    case v1::OVERWRITE_ONLY:
      return mcuboot::Strategy::kOverwriteOnly;
    case v1::SWAP_SCRATCH:
      return mcuboot::Strategy::kSwapScratch;
    case v1::SWAP_MOVE:
      return mcuboot::Strategy::kSwapMove;
    case v1::SWAP_OFFSET:
      return mcuboot::Strategy::kSwapOffset;
    case v1::DIRECT_XIP:
      return mcuboot::Strategy::kDirectXip;
    case v1::RAM_LOAD:
      return mcuboot::Strategy::kRamLoad;
    default:
      return mcuboot::Strategy::kSingleSlot;
  }
}

mcuboot::Presence EncryptionOf(const v1::McubootFormat& format) {
  return format.has_encryption() ? ToImage(format.encryption().presence())
                                 : mcuboot::Presence::kForbidden;
}

std::uint16_t ToImage(v1::KeyExchange exchange) {
  switch (exchange) {
    case v1::ECIES_X25519:
      return mcuboot::tlv::kEncryptionX25519;
    case v1::ECIES_X25519_SHA512:
      return mcuboot::tlv::kEncryptionX25519Sha512;
    case v1::RSA_OAEP:
      return mcuboot::tlv::kEncryptionRsa2048;
    case v1::AES_KW:
      return mcuboot::tlv::kEncryptionKeyWrap;
    default:
      return mcuboot::tlv::kEncryptionP256;
  }
}

void AddEncryption(const v1::McubootFormat& format, mcuboot::Rules& rules) {
  rules.encryption = EncryptionOf(format);
  if (rules.encryption == mcuboot::Presence::kForbidden) return;
  rules.encryption_key_bits =
      Or(format.encryption().key_bits(), kDefaultContentKeyBits);
  rules.encryption_tlv = ToImage(format.encryption().key_exchange());
  rules.save_encryption_tlv = format.encryption().save_tlv();
}

mcuboot::Compression ToImage(v1::Compression compression) {
  switch (compression) {
    case v1::LZMA2:
      return mcuboot::Compression::kLzma2;
    case v1::LZMA2_ARM_THUMB:
      return mcuboot::Compression::kLzma2ArmThumb;
    default:
      return mcuboot::Compression::kNone;
  }
}

image::HashAlgorithm HashOf(const v1::McubootFormat& format,
                            v1::Algorithm algorithm) {
  if (format.sha512() || format.pure()) return image::HashAlgorithm::kSha512;
  return image::SignatureTraitsOf(trust::ToImage(algorithm))->hash;
}

}  // namespace

image::Algorithm ToImage(v1::Algorithm algorithm) {
  switch (algorithm) {
    case v1::RSA2048:
      return image::Algorithm::kRsa2048;
    case v1::RSA3072:
      return image::Algorithm::kRsa3072;
    case v1::P384:
      return image::Algorithm::kP384;
    case v1::ED25519:
      return image::Algorithm::kEd25519;
    case v1::BRAINPOOL_P256T1:
      return image::Algorithm::kBrainpoolP256t1;
    default:
      return image::Algorithm::kP256;
  }
}

Identity IdentityOf(const v1::McubootFormat& format) {
  Identity identity;
  if (!format.vendor_id().empty()) {
    identity.vendor = image::host::VendorUuid(format.vendor_id());
  }
  if (!format.class_id().empty()) {
    identity.device_class =
        image::host::ClassUuid(format.class_id(), identity.vendor).value_or("");
  }
  return identity;
}

mcuboot::Rules RulesOf(const v1::McubootFormat& format,
                       v1::Algorithm algorithm) {
  mcuboot::Rules rules;
  rules.algorithm = ToImage(algorithm);
  rules.hash = HashOf(format, algorithm);
  rules.key_format = format.key_format() == v1::FULL
                         ? mcuboot::KeyFormat::kFull
                         : mcuboot::KeyFormat::kHash;
  rules.pure = format.pure();
  rules.compression = ToImage(format.compression());
  rules.header_size = format.header_size();
  rules.slot_size = format.slot_size();
  rules.align = Or(format.align(), 1);
  rules.max_align =
      Or(format.max_align(), std::max(kDefaultMaxAlign, rules.align));
  rules.sector_size = format.sector_size();
  rules.max_sectors = Or(format.max_sectors(), kDefaultMaxSectors);
  rules.strategy = ToImage(format.strategy());
  rules.allow_list = format.allow_list();
  rules.security_counter = ToImage(format.security_counter());
  rules.security_counter_ceiling = format.security_counter_ceiling();
  rules.boot_record = ToImage(format.boot_record());
  rules.software_type = image::host::AsBytes(format.software_type());
  rules.max_boot_record_size =
      Or(format.max_boot_record_size(), algorithm == v1::P384
                                            ? kDefaultBootRecordBytesP384
                                            : kDefaultBootRecordBytes);
  rules.dependency = ToImage(format.dependency());
  rules.image_count = Or(format.image_count(), 1);
  rules.load_address = format.load_address();
  rules.rom_fixed = format.rom_fixed_address();
  rules.non_bootable = format.non_bootable();
  AddEncryption(format, rules);
  rules.slot_address = format.slot_address();
  rules.ram_address = format.ram_address();
  rules.ram_size = format.ram_size();
  return rules;
}

std::uint32_t HeaderRoom(const v1::McubootFormat& format,
                         v1::Compression compression) {
  const bool has_room = format.payload_has_header_room() &&
                        compression == v1::COMPRESSION_UNSPECIFIED;
  return has_room ? format.header_size() : 0;
}

}  // namespace bootseal::trust
