// SHA-256 (FIPS 180-4, 6.2), incremental.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_SHA256_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::crypto {

// Trivially copyable: a copy goes on from the same point.
class Sha256 {
 public:
  static constexpr std::size_t kSize = 32;

  void Update(image::Bytes bytes);
  // Ends the hash; the object must not be used again.
  std::array<std::byte, kSize> Finish();

 private:
  static constexpr std::size_t kBlock = 64;

  void Compress(const std::byte* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                         0xa54ff53a, 0x510e527f, 0x9b05688c,
                                         0x1f83d9ab, 0x5be0cd19};
  std::uint64_t size_ = 0;  // bytes taken
  std::array<std::byte, kBlock> block_;
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_SHA256_H_
