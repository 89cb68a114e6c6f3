// Numbers of the MCUboot image format, little-endian throughout.
//
//   0              header (32 bytes, then padding up to header_size)
//   header_size    payload (image_size bytes)
//   ...            protected TLV area (protected_size bytes, may be absent)
//   ...            unprotected TLV area
//
// Header, payload and protected area are hashed and signed; the unprotected
// area holds the digest, the key's name and the signature.
// Source: MCUboot boot/bootutil/include/bootutil/image.h; facts: mcuboot 1.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_LAYOUT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_LAYOUT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::image::mcuboot {

inline constexpr std::uint32_t kHeaderMagic = 0x96f3b83d;
inline constexpr std::size_t kHeaderBytes = 32;
inline constexpr std::uint16_t kUnprotectedMagic = 0x6907;
inline constexpr std::uint16_t kProtectedMagic = 0x6908;
inline constexpr std::size_t kTlvInfoBytes = 4;
inline constexpr std::size_t kTlvHeaderBytes = 4;
inline constexpr std::size_t kMaxTlvAreaBytes = 65535;
inline constexpr std::size_t kUuidBytes = 16;

namespace flags {
inline constexpr std::uint32_t kPic = 0x01;
inline constexpr std::uint32_t kEncryptedAes128 = 0x04;
inline constexpr std::uint32_t kEncryptedAes256 = 0x08;
inline constexpr std::uint32_t kNonBootable = 0x10;
inline constexpr std::uint32_t kRamLoad = 0x20;
inline constexpr std::uint32_t kRomFixed = 0x100;
inline constexpr std::uint32_t kCompressedLzma1 = 0x200;
inline constexpr std::uint32_t kCompressedLzma2 = 0x400;
inline constexpr std::uint32_t kCompressedArmThumb = 0x800;
// At most one of them.
inline constexpr std::uint32_t kEncrypted = kEncryptedAes128 | kEncryptedAes256;
inline constexpr std::uint32_t kCompressed =
    kCompressedLzma1 | kCompressedLzma2 | kCompressedArmThumb;
}  // namespace flags

namespace tlv {
inline constexpr std::uint16_t kKeyHash = 0x01;
inline constexpr std::uint16_t kPublicKey = 0x02;
// Of TF-M, whose patches add it to MCUboot: the number of a key that the device
// has built in.
inline constexpr std::uint16_t kKeyId = 0x03;
inline constexpr std::uint16_t kSha256 = 0x10;
inline constexpr std::uint16_t kSha384 = 0x11;
inline constexpr std::uint16_t kSha512 = 0x12;
inline constexpr std::uint16_t kRsa2048Pss = 0x20;
inline constexpr std::uint16_t kEcdsa = 0x22;
inline constexpr std::uint16_t kRsa3072Pss = 0x23;
inline constexpr std::uint16_t kEd25519 = 0x24;
inline constexpr std::uint16_t kSignaturePure = 0x25;
inline constexpr std::uint16_t kEncryptionRsa2048 = 0x30;
inline constexpr std::uint16_t kEncryptionKeyWrap = 0x31;
inline constexpr std::uint16_t kEncryptionP256 = 0x32;
inline constexpr std::uint16_t kEncryptionX25519 = 0x33;
inline constexpr std::uint16_t kEncryptionX25519Sha512 = 0x34;
inline constexpr std::uint16_t kDependency = 0x40;
inline constexpr std::uint16_t kSecurityCounter = 0x50;
inline constexpr std::uint16_t kBootRecord = 0x60;
inline constexpr std::uint16_t kDecompressedSize = 0x70;
inline constexpr std::uint16_t kDecompressedDigest = 0x71;
inline constexpr std::uint16_t kDecompressedSignature = 0x72;
inline constexpr std::uint16_t kCompressedSize = 0x73;
inline constexpr std::uint16_t kVendorUuid = 0x74;
inline constexpr std::uint16_t kClassUuid = 0x75;
inline constexpr std::uint16_t kVendorFirst = 0xa0;
inline constexpr std::uint16_t kVendorLast = 0xfffe;
// Of ours, among the vendors': the image's receipt
// (transparency/embedded_receipt.h), unprotected. MCUboot passes over it, and
// so do its older releases, which read the low byte alone.
inline constexpr std::uint16_t kReceipt = 0x42a0;
}  // namespace tlv

struct Version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint16_t revision = 0;
  std::uint32_t build = 0;
  friend constexpr bool operator==(const Version&, const Version&) = default;
};

struct Header {
  std::uint32_t load_address = 0;
  std::uint16_t header_size = 0;     // with its padding
  std::uint16_t protected_size = 0;  // with its info header; 0 when absent
  std::uint32_t image_size = 0;      // payload only
  std::uint32_t flags = 0;
  Version version;
  friend constexpr bool operator==(const Header&, const Header&) = default;
};

// Offsets inside the slot's trailer; see trailer.h.
inline constexpr std::size_t kTrailerMagicBytes = 16;

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_LAYOUT_H_
