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

// A log's key: SubjectPublicKeyInfo of Ed25519 (RFC 8410). Another one does not
// compile: there is nothing in a bootloader that could verify its checkpoints.
template <std::size_t kLength>
consteval auto LogKey(const char (&text)[kLength]) {
  static_assert(kLength == 2 * 44 + 1,
                "a log's key is Ed25519: 44 bytes of DER");
  constexpr auto kPrefix = Hex("302a300506032b6570032100");
  const auto key = Hex(text);
  for (std::size_t i = 0; i < kPrefix.size(); ++i) {
    // Not a constant expression: does not compile.
    if (key[i] != kPrefix[i]) __builtin_unreachable();
  }
  return key;
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_HEX_H_
