#include "firmware/image/transparency/base64.h"

#include <array>

#include "firmware/image/transparency/note.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::transparency {
namespace {

constexpr std::uint8_t kNoDigit = 64;

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// By character. A table, since the digits of a hash are no pattern that a
// processor could guess branches from.
constexpr std::array<std::uint8_t, 256> kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] =
        static_cast<std::uint8_t>(i);
  }
  return digits;
}();

constexpr std::uint32_t Digit(char c) {
  return kDigits[static_cast<unsigned char>(c)];
}

// Characters of padding at the end: 0, 1 or 2.
std::size_t Padding(std::string_view text) {
  if (text.back() != '=') return 0;
  return text[text.size() - 2] == '=' ? 2 : 1;
}

}  // namespace

Result<std::size_t> DecodeBase64Prefix(std::string_view text,
                                       MutableBytes buffer) {
  if (text.empty() || text.size() % 4 != 0) return Error::kNoteFormat;
  const std::string_view digits = Cut(text, 0, text.size() - Padding(text));
  Writer writer(buffer);
  std::uint32_t bits = 0;  // the low `held` ones are not written yet
  std::uint32_t held = 0;
  for (const char c : digits) {
    const std::uint32_t digit = Digit(c);
    if (digit == kNoDigit) return Error::kNoteFormat;
    bits = (bits << 6 | digit) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    writer.U8(static_cast<std::uint8_t>(bits >> held & 0xff));
  }
  // What padding cuts off must be zero, or two texts would mean the same.
  if ((bits & ((1U << held) - 1)) != 0) return Error::kNoteFormat;
  return writer.size();
}

Result<Bytes> DecodeBase64(std::string_view text, MutableBytes buffer) {
  const Result<std::size_t> size = DecodeBase64Prefix(text, buffer);
  if (!size.ok()) return size.error();
  if (*size > buffer.size()) return Error::kBufferTooSmall;
  return Bytes(buffer.first(*size));
}

}  // namespace bootseal::image::transparency
