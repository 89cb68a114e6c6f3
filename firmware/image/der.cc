#include "firmware/image/der.h"

#include <array>
#include <cstdint>

namespace bootseal::image {
namespace {

constexpr std::byte kInteger{0x02};
constexpr std::byte kSequence{0x30};

bool HighBit(std::byte byte) {
  return (byte & std::byte{0x80}) != std::byte{0};
}

// Takes a positive INTEGER of up to 127 bytes in minimal form from the front
// and returns its magnitude. Empty when it is none.
[[gnu::noinline]] Bytes TakeMagnitude(Bytes& rest) {
  if (rest.size() < 3 || rest[0] != kInteger) return {};
  const auto size = static_cast<std::size_t>(rest[1]);
  if (size == 0 || size >= 0x80 || size > rest.size() - 2) return {};
  Bytes content = rest.subspan(2, size);
  rest = rest.subspan(2 + size);
  if (content[0] == std::byte{0}) {
    // Padding, unless the next bit would be a sign.
    content = content.subspan(1);
    if (content.empty() || !HighBit(content[0])) return {};
    return content;
  }
  return HighBit(content[0]) ? Bytes() : content;
}

}  // namespace

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

Result<EcdsaSignature> ReadEcdsaSignature(Bytes der,
                                          std::size_t coordinate_size) {
  // No signature of such numbers needs a length of more than one byte.
  if (der.size() < 2 || der.size() > 2 + 0x7f || der[0] != kSequence ||
      static_cast<std::size_t>(der[1]) != der.size() - 2) {
    return Error::kDer;
  }
  Bytes rest = der.subspan(2);
  EcdsaSignature signature;
  signature.r = TakeMagnitude(rest);
  signature.s = TakeMagnitude(rest);
  const auto possible = [coordinate_size](Bytes number) {
    return !number.empty() && number.size() <= coordinate_size;
  };
  if (!possible(signature.r) || !possible(signature.s) || !rest.empty()) {
    return Error::kDer;
  }
  return signature;
}

}  // namespace bootseal::image
