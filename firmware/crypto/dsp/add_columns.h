// The inner loop of a Montgomery product, for cores with Arm's DSP extension.
// By hand: it needs one register less than there are, and compilers, several
// more.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_DSP_ADD_COLUMNS_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_DSP_ADD_COLUMNS_H_

#include <cstddef>
#include <cstdint>

#include "firmware/crypto/row.h"

namespace bootseal::crypto {

// Adds the first row at limbs 2 to the last, and the second, which is one limb
// behind; the sums go two limbs down.
template <std::size_t kLimbs>
[[gnu::always_inline]] inline void AddColumns(Row& first, Row& second,
                                              Columns<kLimbs>& columns,
                                              const std::uint32_t* n) {
  static_assert(kLimbs % 2 == 0);
  std::uint32_t* at = columns.t + 2;
  const std::uint32_t* const end = columns.t + kLimbs;
  std::uint32_t low;
  std::uint32_t b = columns.b[1];
  std::uint32_t n_now = n[1];
  n += 2;
#define BOOTSEAL_COLUMN                   \
  "ldr %[low], [%[at]], #4\n\t"           \
  "umaal %[low], %[cb2], %[b2], %[b]\n\t" \
  "ldr %[b], [%[at], %[to_b]]\n\t"        \
  "umaal %[low], %[cb1], %[b1], %[b]\n\t" \
  "umaal %[low], %[cn2], %[n2], %[n]\n\t" \
  "ldr %[n], [%[next]], #4\n\t"           \
  "umaal %[low], %[cn1], %[n1], %[n]\n\t" \
  "str %[low], [%[at], #-12]\n\t"
  __asm__("1:\n\t"  //
          BOOTSEAL_COLUMN BOOTSEAL_COLUMN
          "ldr %[low], %[end]\n\t"
          "cmp %[at], %[low]\n\t"
          "bne 1b"
          : [low] "=&r"(low), [at] "+&r"(at), [b] "+&r"(b), [n] "+&r"(n_now),
            [next] "+&r"(n), [cb1] "+&r"(first.carry_factor),
            [cn1] "+&r"(first.carry_multiple), [cb2] "+&r"(second.carry_factor),
            [cn2] "+&r"(second.carry_multiple), "+m"(columns)
          : [b1] "r"(first.factor), [n1] "r"(first.multiple),
            [b2] "r"(second.factor), [n2] "r"(second.multiple), [end] "m"(end),
            [to_b] "i"(4 * (kLimbs - 1)),
            "m"(*reinterpret_cast<const std::uint32_t(*)[kLimbs - 2]>(n))
          : "cc");
#undef BOOTSEAL_COLUMN
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_DSP_ADD_COLUMNS_H_
