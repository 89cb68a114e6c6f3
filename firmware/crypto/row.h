// A pass over the limbs of a Montgomery product.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_ROW_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_ROW_H_

#include <multiply_add.h>

#include <cstddef>
#include <cstdint>

namespace bootseal::crypto {

// One limb of a, the multiple of n that makes the lowest limb of the sum 0, and
// what their products carry from limb to limb.
struct Row {
  std::uint32_t factor = 0;
  std::uint32_t multiple = 0;
  std::uint32_t carry_factor = 0;
  std::uint32_t carry_multiple = 0;

  [[gnu::always_inline]] void Begin(std::uint32_t low, std::uint32_t b0,
                                    std::uint32_t minus_inverse_of_n) {
    multiple = (low + factor * b0) * minus_inverse_of_n;
  }
  [[gnu::always_inline]] void Add(std::uint32_t& low, std::uint32_t b,
                                  std::uint32_t n) {
    MultiplyAdd(low, carry_factor, factor, b);
    MultiplyAdd(low, carry_multiple, multiple, n);
  }
};

// The sum that becomes the product, and b, to be had over one pointer.
template <std::size_t kLimbs>
struct Columns {
  std::uint32_t t[kLimbs];
  std::uint32_t b[kLimbs];
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_ROW_H_
