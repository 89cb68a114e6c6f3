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
// never entered, leaves a word that is not zero: the compiler is not to know
// where the loop ends, nor to make another one of it elsewhere.
[[gnu::noinline]] inline std::uint32_t Difference(Bytes a, Bytes b) {
  const std::size_t size = Launder(a.size());
  if (size != b.size()) return ~std::uint32_t{0};
  std::uint32_t difference = 0;
  std::size_t looked_at = 0;
  for (; looked_at < size; looked_at = Launder(looked_at + 1)) {
    difference |= static_cast<std::uint32_t>(a[looked_at] ^ b[looked_at]);
  }
  return difference | static_cast<std::uint32_t>(looked_at ^ b.size());
}

// kOk when both differences are zero, which are the same one, taken twice; else
// `otherwise`. The word is computed, not chosen by a branch. It begins as
// `otherwise`, and each difference that is zero adds half of what makes kOk of
// it: what is left out adds nothing.
inline Error WhenZero(std::uint32_t once, std::uint32_t again,
                      Error otherwise) {
  constexpr std::uint32_t kHalf = 0x5c1b7a39;  // random
  const auto all_ones_when_zero = [](std::uint32_t word) {
    word = Launder(word);
    return ((word | (0U - word)) >> 31) - 1;
  };
  const auto other = static_cast<std::uint32_t>(otherwise);
  const std::uint32_t change = static_cast<std::uint32_t>(Error::kOk) ^ other;
  const std::uint32_t half = other ^ (kHalf & all_ones_when_zero(once));
  return static_cast<Error>(Launder(half) ^
                            ((change ^ kHalf) & all_ones_when_zero(again)));
}

// kOk when both have the same size and content, else `otherwise`.
inline Error Same(Bytes a, Bytes b, Error otherwise) {
  const std::uint32_t once = Difference(a, b);
  return WhenZero(once, Difference(a, b), otherwise);
}

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HARDENED_H_
