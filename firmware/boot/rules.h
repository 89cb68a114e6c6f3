// The one thing that differs between two devices of a board: what its images
// must be like, and whose key signs them. A generated rules.cc defines kRules
// (firmware/boot/rules.example.cc shows its shape, firmware/provision links
// it).
#ifndef BOOTSEAL_FIRMWARE_BOOT_RULES_H_
#define BOOTSEAL_FIRMWARE_BOOT_RULES_H_

#include "firmware/crypto/hex.h"
#include "firmware/image/der.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::boot {

// Rules of slot 0. A key_hash of zeros means that no key was provisioned:
// everything is refused.
extern const image::mcuboot::Rules kRules;

// kRules, and those of the other image where there are two.
extern const upgrade::Images kImages;

// For the generated file: its keys in hexadecimal.
using crypto::Hex;

// A log's key: SubjectPublicKeyInfo of Ed25519. Another one does not compile:
// there is nothing in a bootloader that could verify its checkpoints.
template <std::size_t kLength>
consteval auto LogKey(const char (&text)[kLength]) {
  constexpr auto& kPrefix = image::der::kEd25519Prefix;
  const auto key = Hex(text);
  static_assert(key.size() == kPrefix.size() + 32, "a log's key is Ed25519");
  for (std::size_t i = 0; i < kPrefix.size(); ++i) {
    // Not a constant expression: does not compile.
    if (key[i] != kPrefix[i]) __builtin_unreachable();
  }
  return key;
}

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_RULES_H_
