#include "server/trust/ssh_wire.h"

#include "absl/strings/str_cat.h"

namespace bootseal::trust {

absl::string_view SshReader::Fail() {
  ok_ = false;
  rest_ = {};
  return {};
}

absl::string_view SshReader::Take(std::size_t count) {
  if (count > rest_.size()) return Fail();
  const absl::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint8_t SshReader::Byte() {
  const absl::string_view taken = Take(1);
  return taken.empty() ? 0 : static_cast<std::uint8_t>(taken[0]);
}

std::uint32_t SshReader::Uint32() {
  std::uint32_t value = 0;
  for (const char c : Take(4)) {
    value = value << 8 | static_cast<std::uint8_t>(c);
  }
  return value;
}

absl::string_view SshReader::String() { return Take(Uint32()); }

absl::string_view SshReader::Positive() {
  absl::string_view number = String();
  const auto high = [&number](std::size_t at) {
    return at < number.size() && (number[at] & '\x80') != 0;
  };
  if (number.empty() || high(0)) return Fail();
  if (number[0] != '\0') return number;
  // The zero is there for the sign, or not at all.
  if (!high(1)) return Fail();
  number.remove_prefix(1);
  return number;
}

std::string SshUint32(std::uint32_t value) {
  std::string bytes(4, '\0');
  for (std::size_t i = 4; i > 0; --i, value >>= 8) {
    bytes[i - 1] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

std::string SshString(absl::string_view text) {
  return absl::StrCat(SshUint32(static_cast<std::uint32_t>(text.size())), text);
}

}  // namespace bootseal::trust
