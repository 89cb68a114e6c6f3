// Against glitches: values that the compiler may not reason away, and a
// comparison whose result is a whole word. Freestanding; thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HARDENED_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HARDENED_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::image {

// The same value, about which the compiler knows nothing from here on: a second
// comparison of it is not folded into the first.
template <typename T>
[[gnu::always_inline]] inline T Launder(T value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

// Zero when both have the same size and content; any other word otherwise.
// Looks at every byte, whatever they hold. A loop that ends early, or that was
// never entered, leaves a word that is not zero.
inline std::uint32_t Difference(Bytes a, Bytes b) {
  const std::size_t size = Launder(a.size());
  if (size != b.size()) return ~std::uint32_t{0};
  std::uint32_t difference = 0;
  std::size_t looked_at = 0;
  for (; looked_at < size; ++looked_at) {
    difference |=
        Launder(static_cast<std::uint32_t>(a[looked_at] ^ b[looked_at]));
  }
  return difference | static_cast<std::uint32_t>(Launder(looked_at) ^ b.size());
}

// kOk when they are the same, else `otherwise`. The word is computed, not
// chosen by a branch: kOk comes out only of a difference of zero.
inline Error Same(Bytes a, Bytes b, Error otherwise) {
  const std::uint32_t difference = Launder(Difference(a, b));
  const std::uint32_t any = (difference | (0U - difference)) >> 31;  // 0 or 1
  const std::uint32_t ok = static_cast<std::uint32_t>(Error::kOk);
  const std::uint32_t change = ok ^ static_cast<std::uint32_t>(otherwise);
  return static_cast<Error>(ok ^ (change & (0U - any)));
}

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HARDENED_H_
