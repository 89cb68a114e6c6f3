// The inner loop of a Montgomery product, for any core.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_PORTABLE_ADD_COLUMNS_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_PORTABLE_ADD_COLUMNS_H_

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
  for (std::size_t j = 2; j < kLimbs; ++j) {
    std::uint32_t low = columns.t[j];
    second.Add(low, columns.b[j - 1], n[j - 1]);
    first.Add(low, columns.b[j], n[j]);
    columns.t[j - 2] = low;
  }
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_PORTABLE_ADD_COLUMNS_H_
