// The header that an STM32MP's boot ROM reads before a first stage: version 1
// (STM32MP15), 2.0 (STM32MP13), 2.2 (STM32MP23 and 25) and 2.3 (STM32MP21).
// Little-endian; signature, key and hashes stand as they are.
//
//         1, 2.0, 2.2        2.3
//    0    magic "STM2"       0     4
//    4    signature r || s   4    64, or 96
//   44    checksum          64     4   the payload's bytes, summed
//   48    version           68     4   from here on it is signed
//   4c    image length      6c     4   of the payload
//   50    entry point       70     4
//   58    load address      78     4
//   60    image version     80     4   against OTP
//   then, in version 1: 64 options, 68 algorithm, 6c key, ff binary type, and
//   the payload at 100; in version 2: 64 (84) flags of extensions, 68 (88)
//   their length, 6c (8c) binary type, and at 80 (a0) the extensions:
//   authentication (its algorithm, the key, and a table of the hashes of eight
//   keys), and padding, whose content is zeros. The payload follows.
//
// How a signed 2.3 looks is read from TF-A's structures: no tool that signs one
// was at hand. Encrypted first stages are not read.
// Source: TF-A plat/st/*/include/boot_api.h, tools/stm32image; facts: fwu 5.
// Freestanding; no heap; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_STM32_HEADER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_STM32_HEADER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/result.h"

namespace bootseal::image::stm32 {

enum class Version : std::uint32_t {
  kV1 = 0x00010000,
  kV20 = 0x00020000,
  kV22 = 0x00020200,
  kV23 = 0x00020300,
};

// By the numbers that the header has.
enum class SignatureAlgorithm : std::uint32_t {
  kP256 = 1,
  kBrainpoolP256t1 = 2,
  kP384 = 3,
  kBrainpoolP384t1 = 4,
};

inline constexpr std::size_t kMaxHeaderBytes = 0x400;
inline constexpr std::size_t kMaxPointBytes = 96;
inline constexpr std::size_t kTableKeys = 8;

// Bytes of r || s, or of X || Y, and of the hash that goes with them; 0 for
// another number.
std::size_t PointBytes(SignatureAlgorithm algorithm);
std::size_t HashBytes(SignatureAlgorithm algorithm);

// What a version has where.
struct Layout {
  Version version;
  std::size_t point_bytes;      // of signature and key
  std::size_t hash_bytes;       // of an entry of the table; 0: no table
  std::size_t signed_from;      // offset of the version field
  std::size_t extensions_from;  // 0: none
  std::size_t unsigned_bytes;   // of the header of an image that is not signed
};
// nullptr for a version that does not exist.
const Layout* LayoutOf(Version version);

struct Header {
  Version version = Version::kV1;
  std::uint32_t checksum = 0;
  std::uint32_t image_length = 0;  // bytes of the payload
  std::uint32_t entry_point = 0;
  std::uint32_t load_address = 0;
  std::uint32_t image_version = 0;
  std::uint32_t binary_type = 0;  // 0x10: TF-A BL2; one byte in version 1

  // With key, table and a place for the signature.
  bool authenticated = false;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kP256;
  // Of the algorithm's size, zeros behind it.
  std::array<std::byte, kMaxPointBytes> signature{};
  std::array<std::byte, kMaxPointBytes> public_key{};
  // Version 2: which entry of the table the key is, and the table.
  std::uint32_t key_index = 0;
  std::array<std::array<std::byte, 48>, kTableKeys> key_hashes{};

  // Version 2.3: a part of the payload that is not secure, and the first word
  // of its hash.
  std::uint32_t non_secure_length = 0;
  std::uint32_t non_secure_hash = 0;

  friend constexpr bool operator==(const Header&, const Header&) = default;
};

// Of the header as it stands, where the payload begins.
std::size_t HeaderBytes(const Header& header);

// At the start of `image`; what follows the header is not looked at. In this
// order: kTruncated, kStm32Magic, kStm32Version, kStm32Reserved (one that is
// not zero), kStm32Encrypted, kStm32Extension (unknown, out of order, another
// length than it has, padding that is not zeros, flags that say otherwise),
// kStm32Algorithm, kStm32KeyIndex (none of the table).
Result<Header> ReadHeader(Bytes image);
// The same as a chip reads it that knows one version alone.
Result<Header> ReadHeader(Bytes image, Version version);

// Write(Read(x)) is x. kBufferTooSmall, and the errors of ReadHeader for values
// that it would not take. Signing side: not linked into a device.
Result<Bytes> WriteHeader(const Header& header, MutableBytes buffer);

// The payload behind the header: exactly image_length bytes. kStm32Length when
// there are fewer, or none. Bytes behind it, up to the block's end, are
// padding.
Result<Bytes> PayloadOf(const Header& header, Bytes image);

// The sum of all bytes, modulo 2^32.
std::uint32_t ChecksumOf(Bytes payload);

// What is signed: from the version field through the payload's last byte.
// Errors of PayloadOf.
Result<Bytes> SignedRange(const Header& header, Bytes image);

}  // namespace bootseal::image::stm32

#endif  // BOOTSEAL_FIRMWARE_IMAGE_STM32_HEADER_H_
