#include "firmware/image/transparency/base64.h"

#include "firmware/image/transparency/note.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::transparency {
namespace {

constexpr std::uint32_t kNoDigit = 64;

constexpr std::uint32_t Digit(char c) {
  const auto code = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
  if (c >= 'A' && c <= 'Z') return code - 'A';
  if (c >= 'a' && c <= 'z') return code - 'a' + 26;
  if (c >= '0' && c <= '9') return code - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return kNoDigit;
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
