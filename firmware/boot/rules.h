// The one thing that differs between two devices of a board: what its images
// must be like, and whose key signs them. A generated rules.cc defines kRules
// (firmware/boot/rules.example.cc shows its shape, firmware/provision links
// it).
#ifndef BOOTSEAL_FIRMWARE_BOOT_RULES_H_
#define BOOTSEAL_FIRMWARE_BOOT_RULES_H_

#include <array>
#include <cstddef>

#include "firmware/image/mcuboot/rules.h"

namespace bootseal::boot {

// Rules of slot 0. A key_hash of zeros means that no key was provisioned:
// everything is refused.
extern const image::mcuboot::Rules kRules;

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

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_RULES_H_
