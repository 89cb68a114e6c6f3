// What the TLV numbers mean to reader and writer. Facts: mcuboot 1.5.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TLV_TYPES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TLV_TYPES_H_

#include <cstdint>

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::image::mcuboot {

// The digest TLV of an algorithm; 0 for a value outside the enumeration.
constexpr std::uint16_t DigestTlv(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return tlv::kSha256;
    case HashAlgorithm::kSha384:
      return tlv::kSha384;
    case HashAlgorithm::kSha512:
      return tlv::kSha512;
  }
  return 0;
}

constexpr bool IsDigest(std::uint16_t type) {
  return type == tlv::kSha256 || type == tlv::kSha384 || type == tlv::kSha512;
}
constexpr bool IsKey(std::uint16_t type) {
  return type == tlv::kKeyHash || type == tlv::kPublicKey;
}
constexpr bool IsSignature(std::uint16_t type) {
  return type == tlv::kRsa2048Pss || type == tlv::kEcdsa ||
         type == tlv::kRsa3072Pss || type == tlv::kEd25519;
}
constexpr bool IsEncryption(std::uint16_t type) {
  return type >= tlv::kEncryptionRsa2048 &&
         type <= tlv::kEncryptionX25519Sha512;
}
constexpr bool IsUuid(std::uint16_t type) {
  return type == tlv::kVendorUuid || type == tlv::kClassUuid;
}
constexpr bool IsVendor(std::uint16_t type) {
  return type >= tlv::kVendorFirst && type <= tlv::kVendorLast;
}
// What a loader that decompresses compares its work with.
constexpr bool IsDecompression(std::uint16_t type) {
  return type >= tlv::kDecompressedSize && type <= tlv::kCompressedSize;
}

// Bytes of an encryption TLV's value, for a content key of so many bits; 0 for
// any other type. Facts: mcuboot 1.5.
constexpr std::uint32_t EncryptionTlvSize(std::uint16_t type,
                                          std::uint32_t key_bits) {
  const std::uint32_t key = key_bits / 8;
  if (type == tlv::kEncryptionRsa2048) return 256;
  if (type == tlv::kEncryptionKeyWrap) return 8 + key;
  if (type == tlv::kEncryptionP256) return 65 + 32 + key;
  if (type == tlv::kEncryptionX25519) return 32 + 32 + key;
  if (type == tlv::kEncryptionX25519Sha512) return 32 + 64 + key;
  return 0;
}

// Protected TLVs that are carried without being understood.
constexpr bool IsOpaqueProtected(std::uint16_t type) {
  return IsVendor(type) || IsUuid(type);
}

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TLV_TYPES_H_
