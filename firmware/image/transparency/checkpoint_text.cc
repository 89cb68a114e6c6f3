#include "firmware/image/transparency/checkpoint_text.h"

#include <array>

namespace bootseal::image::transparency {
namespace {

// number = number / 10; the remainder. In pieces of 16 bits, the highest first.
std::uint32_t TakeDigit(std::array<std::uint16_t, 4>& number) {
  std::uint32_t rest = 0;
  for (std::size_t i = number.size(); i > 0; --i) {
    const std::uint32_t part = rest << 16 | number[i - 1];
    number[i - 1] = static_cast<std::uint16_t>(part / 10);
    rest = part % 10;
  }
  return rest;
}

void WriteDecimal(std::uint64_t value, Writer& writer) {
  std::array<std::uint16_t, 4> number{};
  for (std::uint16_t& part : number) {
    part = static_cast<std::uint16_t>(value);
    value >>= 16;
  }
  std::array<std::byte, 20> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<std::byte>('0' + TakeDigit(number));
  } while ((number[0] | number[1] | number[2] | number[3]) != 0);
  writer.Append(Bytes(digits).subspan(first));
}

std::uint8_t Base64Digit(std::uint32_t six_bits) {
  if (six_bits < 26) return static_cast<std::uint8_t>('A' + six_bits);
  if (six_bits < 52) return static_cast<std::uint8_t>('a' + six_bits - 26);
  if (six_bits < 62) return static_cast<std::uint8_t>('0' + six_bits - 52);
  return six_bits == 62 ? '+' : '/';
}

// 32 bytes are 43 digits, of which the last has four bits, and one '='.
void WriteBase64(const TreeHash& hash, Writer& writer) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::byte byte : hash) {
    bits = bits << 8 | static_cast<std::uint32_t>(byte);
    for (held += 8; held >= 6; held -= 6) {
      writer.U8(Base64Digit(bits >> (held - 6) & 0x3f));
    }
  }
  writer.U8(Base64Digit(bits << (6 - held) & 0x3f));
  writer.U8('=');
}

}  // namespace

Bytes WriteCheckpointText(Bytes origin, std::uint64_t size,
                          const TreeHash& root, MutableBytes buffer) {
  Writer writer(buffer);
  writer.Append(origin);
  writer.U8('\n');
  WriteDecimal(size, writer);
  writer.U8('\n');
  WriteBase64(root, writer);
  writer.U8('\n');
  return writer.written();
}

}  // namespace bootseal::image::transparency
