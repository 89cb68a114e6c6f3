#include "firmware/image/der.h"

#include <array>
#include <cstdint>

namespace bootseal::image {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kSequence = 0x30;

template <typename... Values>
constexpr auto MakeBytes(Values... values) {
  return std::array<std::byte, sizeof...(values)>{
      static_cast<std::byte>(values)...};
}

// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { 04 ... } }
constexpr auto kP256Prefix =
    MakeBytes(0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
              0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
              0x07, 0x03, 0x42, 0x00, 0x04);
// The same with secp384r1.
constexpr auto kP384Prefix = MakeBytes(
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04);
// SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING }
constexpr auto kEd25519Prefix = MakeBytes(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                          0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

constexpr auto kExponent = MakeBytes(0x01, 0x00, 0x01);

bool HighBit(std::byte byte) {
  return (byte & std::byte{0x80}) != std::byte{0};
}

// Takes one element's content; fails the reader unless the tag is `tag` and the
// length is in its shortest form (up to 65,535 bytes).
Bytes TakeElement(Reader& reader, std::uint8_t tag) {
  const bool tag_fits = reader.U8() == tag;
  std::size_t length = reader.U8();
  bool shortest = length < 0x80;
  if (length == 0x81) {
    length = reader.U8();
    shortest = length >= 0x80;
  } else if (length == 0x82) {
    const std::size_t high = reader.U8();
    length = high << 8 | reader.U8();
    shortest = high != 0;
  }
  if (!reader.ok() || !tag_fits || !shortest) {
    reader.Take(reader.rest().size() + 1);
    return {};
  }
  return reader.Take(length);
}

// Takes a positive INTEGER in minimal form and returns its magnitude. Empty
// when it is zero, negative or padded.
Bytes TakeMagnitude(Reader& reader) {
  const Bytes content = TakeElement(reader, kInteger);
  if (content.empty() || HighBit(content[0])) return {};
  if (content[0] != std::byte{0}) return content;
  const Bytes magnitude = content.subspan(1);
  if (magnitude.empty() || !HighBit(magnitude[0])) return {};
  return magnitude;
}

std::size_t ModulusSize(Algorithm algorithm) {
  if (algorithm == Algorithm::kRsa2048) return 256;
  if (algorithm == Algorithm::kRsa3072) return 384;
  return 0;
}

bool Odd(Bytes magnitude) {
  return (magnitude.back() & std::byte{1}) != std::byte{0};
}

}  // namespace

Result<EcdsaSignature> ReadEcdsaSignature(Bytes der,
                                          std::size_t coordinate_size) {
  Reader outer(der);
  Reader inner(TakeElement(outer, kSequence));
  const EcdsaSignature signature{TakeMagnitude(inner), TakeMagnitude(inner)};
  if (!outer.done() || !inner.done()) return Error::kDer;
  for (const Bytes number : {signature.r, signature.s}) {
    if (number.empty() || number.size() > coordinate_size) return Error::kDer;
  }
  return signature;
}

Result<RsaPublicKey> ReadRsaPublicKey(Algorithm algorithm, Bytes der) {
  Reader outer(der);
  Reader inner(TakeElement(outer, kSequence));
  const RsaPublicKey key{TakeMagnitude(inner), TakeMagnitude(inner)};
  if (!outer.done() || !inner.done()) return Error::kKeyFormat;
  const bool sizes_fit =
      !key.modulus.empty() && key.modulus.size() == ModulusSize(algorithm);
  if (!sizes_fit || !HighBit(key.modulus[0])) return Error::kKeyFormat;
  if (!Odd(key.modulus)) return Error::kKeyFormat;
  if (!Equal(key.exponent, kExponent)) return Error::kKeyFormat;
  return key;
}

Bytes RawPublicKeyPrefix(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kP256:
      return kP256Prefix;
    case Algorithm::kP384:
      return kP384Prefix;
    case Algorithm::kEd25519:
      return kEd25519Prefix;
    case Algorithm::kRsa2048:
    case Algorithm::kRsa3072:
      break;
  }
  return {};
}

Result<Bytes> ReadRawPublicKey(Algorithm algorithm, Bytes der) {
  const Bytes prefix = RawPublicKeyPrefix(algorithm);
  const std::size_t size =
      algorithm == Algorithm::kEd25519 ? 32 : 2 * CoordinateSize(algorithm);
  if (prefix.empty() || der.size() != prefix.size() + size) {
    return Error::kKeyFormat;
  }
  if (!Equal(der.first(prefix.size()), prefix)) return Error::kKeyFormat;
  return der.subspan(prefix.size());
}

}  // namespace bootseal::image
