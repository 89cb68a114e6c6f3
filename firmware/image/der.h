// The little DER that boot formats need: ECDSA signatures and public keys, in
// the one form that their signers write. Spans point into the caller's bytes.
// Source: X.690 section 8 and 10, RFC 3279, RFC 8017 A.1.1, RFC 5480, RFC 8410;
// facts: mcuboot 1.8, 1.9. Freestanding; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_DER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_DER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/result.h"

namespace bootseal::image {

// Takes one element's content; fails the reader unless the tag is `tag` and the
// length is in its shortest form (up to 65,535 bytes).
Bytes TakeElement(Reader& reader, std::uint8_t tag);

// Big-endian magnitudes without leading zeros; at least one byte each.
struct EcdsaSignature {
  Bytes r;
  Bytes s;
};

// SEQUENCE of two positive INTEGERs of at most `coordinate_size` bytes, minimal
// lengths, nothing after it. kDer.
Result<EcdsaSignature> ReadEcdsaSignature(Bytes der,
                                          std::size_t coordinate_size);

// Bytes of one coordinate and of the group order, for the curves that images of
// MCUboot's are signed on; 0 for other algorithms.
constexpr std::size_t CoordinateSize(Algorithm algorithm) {
  if (algorithm == Algorithm::kP256) return 32;
  if (algorithm == Algorithm::kP384) return 48;
  return 0;
}

// The same for those of packages and first stages too. Checks of images ask the
// one above, which costs a bootloader less.
constexpr std::size_t CurveSize(Algorithm algorithm) {
  return algorithm == Algorithm::kBrainpoolP256t1 ? 32
                                                  : CoordinateSize(algorithm);
}

namespace der {

template <typename... Values>
constexpr auto MakeBytes(Values... values) {
  return std::array<std::byte, sizeof...(values)>{
      static_cast<std::byte>(values)...};
}

// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { 04 ... } }
inline constexpr auto kP256Prefix =
    MakeBytes(0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
              0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
              0x07, 0x03, 0x42, 0x00, 0x04);
// The same with secp384r1.
inline constexpr auto kP384Prefix = MakeBytes(
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04);
// The same with brainpoolP256t1.
inline constexpr auto kBrainpoolP256t1Prefix =
    MakeBytes(0x30, 0x5a, 0x30, 0x14, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
              0x02, 0x01, 0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01,
              0x01, 0x08, 0x03, 0x42, 0x00, 0x04);
// SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING }
inline constexpr auto kEd25519Prefix = MakeBytes(
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
// An RSAPublicKey up to its modulus' first byte, and from its end on: INTEGER
// 65537.
inline constexpr auto kRsa2048Begin =
    MakeBytes(0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00);
inline constexpr auto kRsa3072Begin =
    MakeBytes(0x30, 0x82, 0x01, 0x8a, 0x02, 0x82, 0x01, 0x81, 0x00);
inline constexpr auto kRsaEnd = MakeBytes(0x02, 0x03, 0x01, 0x00, 0x01);

}  // namespace der

struct RsaPublicKey {
  Bytes modulus;   // 256 or 384 bytes, highest bit set, odd
  Bytes exponent;  // 65537: 01 00 01
};

// PKCS#1 RSAPublicKey of exactly the algorithm's size with e = 65537, the only
// exponent that a device computes. kKeyFormat.
// SEQUENCE { INTEGER modulus, INTEGER 65537 }: with a modulus of full length
// there is one way to write it.
[[gnu::always_inline]] constexpr Result<RsaPublicKey> ReadRsaPublicKey(
    Algorithm algorithm, Bytes bytes) {
  const bool small = algorithm == Algorithm::kRsa2048;
  if (!small && algorithm != Algorithm::kRsa3072) return Error::kKeyFormat;
  const std::size_t size = small ? 256 : 384;
  const Bytes begin = small ? Bytes(der::kRsa2048Begin) : der::kRsa3072Begin;
  if (bytes.size() != begin.size() + size + der::kRsaEnd.size() ||
      !Equal(bytes.first(begin.size()), begin) ||
      !Equal(bytes.last(der::kRsaEnd.size()), der::kRsaEnd)) {
    return Error::kKeyFormat;
  }
  const Bytes modulus = bytes.subspan(begin.size(), size);
  constexpr std::byte kHighBit{0x80};
  constexpr std::byte kOdd{0x01};
  if ((modulus.front() & kHighBit) == std::byte{0} ||
      (modulus.back() & kOdd) == std::byte{0}) {
    return Error::kKeyFormat;
  }
  return RsaPublicKey{modulus, bytes.last(3)};
}

// What precedes the raw key in the DER of a curve's key; empty for RSA.
[[gnu::always_inline]] constexpr Bytes RawPublicKeyPrefix(Algorithm algorithm) {
  if (algorithm == Algorithm::kP256) return der::kP256Prefix;
  if (algorithm == Algorithm::kP384) return der::kP384Prefix;
  if (algorithm == Algorithm::kEd25519) return der::kEd25519Prefix;
  if (algorithm == Algorithm::kBrainpoolP256t1) {
    return der::kBrainpoolP256t1Prefix;
  }
  return {};
}

// The raw key inside a SubjectPublicKeyInfo: X || Y of an uncompressed point
// (64 or 96 bytes), or 32 bytes for Ed25519. Whether the point is on its curve
// is for the backend to say. kKeyFormat.
[[gnu::always_inline]] constexpr Result<Bytes> ReadRawPublicKey(
    Algorithm algorithm, Bytes der) {
  const Bytes prefix = RawPublicKeyPrefix(algorithm);
  const std::size_t size =
      algorithm == Algorithm::kEd25519 ? 32 : 2 * CurveSize(algorithm);
  if (prefix.empty() || der.size() != prefix.size() + size) {
    return Error::kKeyFormat;
  }
  if (!Equal(der.first(prefix.size()), prefix)) return Error::kKeyFormat;
  return der.subspan(prefix.size());
}

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_DER_H_
