// The one step of which long multiplication is made, for any core.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_PORTABLE_MULTIPLY_ADD_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_PORTABLE_MULTIPLY_ADD_H_

#include <cstdint>

namespace bootseal::crypto {

// high:low = a * b + low + high; it cannot overflow.
[[gnu::always_inline]] inline void MultiplyAdd(std::uint32_t& low,
                                               std::uint32_t& high,
                                               std::uint32_t a,
                                               std::uint32_t b) {
  const std::uint64_t sum = std::uint64_t{a} * b + low + high;
  low = static_cast<std::uint32_t>(sum);
  high = static_cast<std::uint32_t>(sum >> 32);
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_PORTABLE_MULTIPLY_ADD_H_
