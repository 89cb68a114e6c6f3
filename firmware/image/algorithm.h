// Signature algorithms: the five of MCUboot as one table, with sizes, hashes
// and TLV numbers; and the one that STM32MP's ROM takes beside them. Source:
// MCUboot boot/bootutil/include/bootutil/image.h; facts: mcuboot 1.5, 1.7
// to 1.9; fwu 4.3.
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

// nullptr for a value outside the table: no image is signed with it.
constexpr const AlgorithmTraits* TraitsOf(Algorithm algorithm) {
  for (const AlgorithmTraits& traits : kAlgorithms) {
    if (traits.algorithm == algorithm) return &traits;
  }
  return nullptr;
}

// Of packages and first stages alone: MCUboot has no TLV for it.
inline constexpr AlgorithmTraits kBrainpoolP256t1Traits{
    Algorithm::kBrainpoolP256t1,
    HashAlgorithm::kSha256,
    0,
    92,
    72,
    "brainpoolP256t1"};

// Of whatever VerifySignature knows on a host; nullptr for another value.
constexpr const AlgorithmTraits* SignatureTraitsOf(Algorithm algorithm) {
  if (algorithm == Algorithm::kBrainpoolP256t1) return &kBrainpoolP256t1Traits;
  return TraitsOf(algorithm);
}

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_ALGORITHM_H_
