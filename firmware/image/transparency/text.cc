#include "firmware/image/transparency/text.h"

#include <limits>

namespace bootseal::image::transparency {
namespace {

// One character of well-formed UTF-8. `size` 0: there is none at the front.
struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;
};

// Lead bytes, and the smallest code of each length: anything below is an
// overlong form. Source: Unicode 15, table 3-7.
struct Form {
  std::uint8_t mask;
  std::uint8_t lead;
  std::size_t size;
  std::uint32_t smallest;
};

constexpr Form kForms[] = {
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

std::uint32_t At(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

Character Decode(std::string_view text, const Form& form) {
  if (text.size() < form.size) return {};
  std::uint32_t code = At(text, 0) & (form.mask ^ 0xffU);
  for (std::size_t i = 1; i < form.size; ++i) {
    if ((At(text, i) & 0xc0) != 0x80) return {};
    code = code << 6 | (At(text, i) & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < form.smallest || surrogate || code > 0x10ffff) return {};
  return {code, form.size};
}

Character First(std::string_view text) {
  for (const Form& form : kForms) {
    if ((At(text, 0) & form.mask) == form.lead) return Decode(text, form);
  }
  return {};
}

// Unicode 15, property White_Space, and newline.
bool IsSpace(std::uint32_t code) {
  return (code >= 0x09 && code <= 0x0d) || code == 0x20 || code == 0x85 ||
         code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
         code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f ||
         code == 0x3000;
}

bool IsControl(std::uint32_t code) { return code < 0x20 && code != '\n'; }

// True when `text` is well-formed and `allowed` holds for each character.
bool AllOf(std::string_view text, bool (*allowed)(std::uint32_t)) {
  while (!text.empty()) {
    const Character character = First(text);
    if (character.size == 0 || !allowed(character.code)) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

}  // namespace

Result<std::string_view> After(std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return Error::kNoteFormat;
  return Cut(line, prefix.size());
}

Result<std::uint64_t> ReadDecimal(std::string_view digits) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  if (digits.empty()) return Error::kNoteFormat;
  if (digits.size() > 1 && digits[0] == '0') return Error::kNoteFormat;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return Error::kNoteFormat;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kMax - digit) / 10) return Error::kNoteFormat;
    value = value * 10 + digit;
  }
  return value;
}

bool IsNoteText(std::string_view text) {
  return AllOf(text, [](std::uint32_t code) { return !IsControl(code); });
}

bool IsKeyName(std::string_view name) {
  return !name.empty() && AllOf(name, [](std::uint32_t code) {
    return !IsControl(code) && !IsSpace(code) && code != '+';
  });
}

}  // namespace bootseal::image::transparency
