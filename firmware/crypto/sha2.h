// SHA-256, SHA-384 and SHA-512 (FIPS 180-4, 6.2 to 6.5), incremental.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_SHA2_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_SHA2_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::crypto {

// Trivially copyable: a copy goes on from the same point. Instantiated in
// sha2.cc for the three below.
template <typename Word, std::size_t kDigestSize>
class Sha2 {
 public:
  Sha2();
  void Update(image::Bytes bytes);
  // Ends the hash; the object must not be used again.
  std::array<std::byte, kDigestSize> Finish();

 private:
  static constexpr std::size_t kBlock = 16 * sizeof(Word);
  static constexpr std::size_t kLength = 2 * sizeof(Word);  // of the length

  std::array<Word, 8> state_;
  std::uint64_t size_ = 0;  // bytes taken
  std::array<std::byte, kBlock> block_;
};

using Sha256 = Sha2<std::uint32_t, 32>;
using Sha384 = Sha2<std::uint64_t, 48>;
using Sha512 = Sha2<std::uint64_t, 64>;

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_SHA2_H_
