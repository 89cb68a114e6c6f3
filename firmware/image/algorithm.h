// The five signature algorithms as one table: sizes, hashes and TLV numbers.
// Source: MCUboot boot/bootutil/include/bootutil/image.h; facts: mcuboot 1.5,
// 1.7 to 1.9.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_ALGORITHM_H_
#define BOOTSEAL_FIRMWARE_IMAGE_ALGORITHM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/crypto.h"

namespace bootseal::image {

struct AlgorithmTraits {
  Algorithm algorithm;
  HashAlgorithm hash;  // the key's own; Ed25519 may use SHA-512
  std::uint16_t signature_tlv;
  std::size_t public_key_size;     // DER, with e = 65537 for RSA
  std::size_t max_signature_size;  // bytes; exact for RSA and Ed25519
  const char* name;                // as in boot-<board>-<name>.elf
};

inline constexpr std::array<AlgorithmTraits, 5> kAlgorithms{{
    {Algorithm::kRsa2048, HashAlgorithm::kSha256, 0x20, 270, 256, "rsa2048"},
    {Algorithm::kRsa3072, HashAlgorithm::kSha256, 0x23, 398, 384, "rsa3072"},
    {Algorithm::kP256, HashAlgorithm::kSha256, 0x22, 91, 72, "p256"},
    {Algorithm::kP384, HashAlgorithm::kSha384, 0x22, 120, 104, "p384"},
    {Algorithm::kEd25519, HashAlgorithm::kSha256, 0x24, 44, 64, "ed25519"},
}};

// nullptr for a value outside the table.
constexpr const AlgorithmTraits* TraitsOf(Algorithm algorithm) {
  for (const AlgorithmTraits& traits : kAlgorithms) {
    if (traits.algorithm == algorithm) return &traits;
  }
  return nullptr;
}

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_ALGORITHM_H_
