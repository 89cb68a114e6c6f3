// Bytes written as text.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_HEX_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_HEX_H_

#include <array>
#include <cstddef>

namespace bootseal::crypto {

// Bytes from lower-case hexadecimal, at compile time. A digit too few or a
// character that is no digit does not compile.
template <std::size_t kLength>
consteval auto Hex(const char (&text)[kLength]) {
  static_assert(kLength % 2 == 1, "an even number of digits");
  auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    __builtin_unreachable();  // not a constant expression: does not compile
  };
  std::array<std::byte, kLength / 2> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(digit(text[2 * i]) << 4 |
                                      digit(text[2 * i + 1]));
  }
  return bytes;
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_HEX_H_
