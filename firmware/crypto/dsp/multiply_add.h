// The one step of which long multiplication is made, for cores with Arm's DSP
// extension: they have an instruction for it that compilers do not find.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_DSP_MULTIPLY_ADD_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_DSP_MULTIPLY_ADD_H_

#include <cstdint>

namespace bootseal::crypto {

// high:low = a * b + low + high; it cannot overflow.
[[gnu::always_inline]] inline void MultiplyAdd(std::uint32_t& low,
                                               std::uint32_t& high,
                                               std::uint32_t a,
                                               std::uint32_t b) {
  __asm__("umaal %0, %1, %2, %3" : "+r"(low), "+r"(high) : "r"(a), "r"(b));
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_DSP_MULTIPLY_ADD_H_
