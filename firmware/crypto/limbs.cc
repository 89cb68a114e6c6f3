#include "firmware/crypto/limbs.h"

#include <multiply_add.h>

#include <array>
#include <utility>

namespace bootseal::crypto {

template <std::size_t kLimbs>
void FromBigEndian(Number<kLimbs>& out, image::Bytes bytes) {
  const std::byte* at = bytes.data() + bytes.size();
  for (Limb& limb : out) {
    at -= 4;
    limb = static_cast<Limb>(at[0]) << 24 | static_cast<Limb>(at[1]) << 16 |
           static_cast<Limb>(at[2]) << 8 | static_cast<Limb>(at[3]);
  }
}

template <std::size_t kLimbs>
void ToBigEndian(image::MutableBytes out, const Number<kLimbs>& number) {
  std::size_t at = out.size();
  for (const Limb limb : number) {
    for (int shift = 0; shift < 32; shift += 8) {
      out[--at] = static_cast<std::byte>(limb >> shift);
    }
  }
}

template <std::size_t kLimbs>
Limb Plus(Number<kLimbs>& out, const Number<kLimbs>& a,
          const Number<kLimbs>& b) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    sum += std::uint64_t{a[i]} + b[i];
    out[i] = static_cast<Limb>(sum);
    sum >>= 32;
  }
  return static_cast<Limb>(sum);
}

template <std::size_t kLimbs>
Limb Minus(Number<kLimbs>& out, const Number<kLimbs>& a,
           const Number<kLimbs>& b) {
  Limb borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t difference = std::uint64_t{a[i]} - b[i] - borrow;
    out[i] = static_cast<Limb>(difference);
    borrow = static_cast<Limb>(difference >> 32) & 1;
  }
  return borrow;
}

template <std::size_t kLimbs>
bool IsLess(const Number<kLimbs>& a, const Number<kLimbs>& b) {
  for (std::size_t i = a.size(); i > 0; --i) {
    if (a[i - 1] != b[i - 1]) return a[i - 1] < b[i - 1];
  }
  return false;
}

template <std::size_t kLimbs>
bool IsZero(const Number<kLimbs>& a) {
  Limb any = 0;
  for (const Limb limb : a) any |= limb;
  return any == 0;
}

template <std::size_t kLimbs>
bool IsEqual(const Number<kLimbs>& a, const Number<kLimbs>& b) {
  Limb any = 0;
  for (std::size_t i = 0; i < a.size(); ++i) any |= a[i] ^ b[i];
  return any == 0;
}

// Each step doubles the number of right bits; an odd number is its own inverse
// modulo 8.
Limb MinusInverse(Limb odd) {
  Limb inverse = odd;
  for (int bits = 3; bits < 32; bits *= 2) inverse *= 2 - odd * inverse;
  return 0 - inverse;
}

namespace {

// What one pass over the limbs carries from limb to limb: the products with a
// limb of the factor and with the multiple of n that makes the sum even.
struct Row {
  Limb factor;
  Limb multiple;
  Limb carry_factor = 0;
  Limb carry_multiple = 0;
};

// t[-1] = t[0] + factor * b[0] + multiple * n[0], and so on; the loop over a
// block is unrolled.
template <std::size_t... kIndex>
[[gnu::always_inline]] inline void AddBlock(Row& row, Limb* t, const Limb* b,
                                            const Limb* n,
                                            std::index_sequence<kIndex...>) {
  const auto add = [&](std::size_t i) __attribute__((always_inline)) {
    Limb low = t[i];
    MultiplyAdd(low, row.carry_factor, row.factor, b[i]);
    MultiplyAdd(low, row.carry_multiple, row.multiple, n[i]);
    t[static_cast<std::ptrdiff_t>(i) - 1] = low;
  };
  (add(kIndex), ...);
}

}  // namespace

template <std::size_t kLimbs>
void MontgomeryMultiply(Number<kLimbs>& out, const Number<kLimbs>& a,
                        const Number<kLimbs>& b, const Number<kLimbs>& n,
                        Limb minus_inverse_of_n) {
  constexpr std::size_t kBlock = kLimbs <= 12 ? kLimbs : 8;
  static_assert(kLimbs % kBlock == 0);
  std::array<Limb, 1 + kLimbs> storage{};
  Limb* const t = storage.data() + 1;  // t[-1] takes the limb that becomes 0
  Limb top = 0;                        // t with its top stays below 2 n
  for (const Limb factor : a) {
    Row row{factor, (t[0] + factor * b[0]) * minus_inverse_of_n};
    for (std::size_t i = 0; i < kLimbs; i += kBlock) {
      AddBlock(row, t + i, b.data() + i, n.data() + i,
               std::make_index_sequence<kBlock>());
    }
    const std::uint64_t sum =
        std::uint64_t{row.carry_factor} + row.carry_multiple + top;
    t[kLimbs - 1] = static_cast<Limb>(sum);
    top = static_cast<Limb>(sum >> 32);
  }
  for (std::size_t i = 0; i < kLimbs; ++i) out[i] = t[i];
  if (top != 0 || !IsLess(out, n)) Minus(out, out, n);
}

#define BOOTSEAL_INSTANTIATE(limbs)                                            \
  template void FromBigEndian(Number<limbs>&, image::Bytes);                   \
  template void ToBigEndian(image::MutableBytes, const Number<limbs>&);        \
  template Limb Plus(Number<limbs>&, const Number<limbs>&,                     \
                     const Number<limbs>&);                                    \
  template Limb Minus(Number<limbs>&, const Number<limbs>&,                    \
                      const Number<limbs>&);                                   \
  template bool IsLess(const Number<limbs>&, const Number<limbs>&);            \
  template bool IsZero(const Number<limbs>&);                                  \
  template bool IsEqual(const Number<limbs>&, const Number<limbs>&);           \
  template void MontgomeryMultiply(Number<limbs>&, const Number<limbs>&,       \
                                   const Number<limbs>&, const Number<limbs>&, \
                                   Limb)
BOOTSEAL_INSTANTIATE(8);
BOOTSEAL_INSTANTIATE(12);
BOOTSEAL_INSTANTIATE(64);
BOOTSEAL_INSTANTIATE(96);
#undef BOOTSEAL_INSTANTIATE

}  // namespace bootseal::crypto
