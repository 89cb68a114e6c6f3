#include "firmware/crypto/limbs.h"

#include <multiply_add.h>

#include <array>
#include <utility>

namespace bootseal::crypto {

void FromBigEndian(Limbs out, image::Bytes bytes) {
  const std::byte* at = bytes.data() + bytes.size();
  for (Limb& limb : out) {
    at -= 4;
    limb = static_cast<Limb>(at[0]) << 24 | static_cast<Limb>(at[1]) << 16 |
           static_cast<Limb>(at[2]) << 8 | static_cast<Limb>(at[3]);
  }
}

void ToBigEndian(image::MutableBytes out, ConstLimbs number) {
  std::size_t at = out.size();
  for (const Limb limb : number) {
    for (int shift = 0; shift < 32; shift += 8) {
      out[--at] = static_cast<std::byte>(limb >> shift);
    }
  }
}

Limb Plus(Limbs out, ConstLimbs a, ConstLimbs b) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    sum += std::uint64_t{a[i]} + b[i];
    out[i] = static_cast<Limb>(sum);
    sum >>= 32;
  }
  return static_cast<Limb>(sum);
}

Limb Minus(Limbs out, ConstLimbs a, ConstLimbs b) {
  Limb borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t difference = std::uint64_t{a[i]} - b[i] - borrow;
    out[i] = static_cast<Limb>(difference);
    borrow = static_cast<Limb>(difference >> 32) & 1;
  }
  return borrow;
}

bool IsLess(ConstLimbs a, ConstLimbs b) {
  for (std::size_t i = a.size(); i > 0; --i) {
    if (a[i - 1] != b[i - 1]) return a[i - 1] < b[i - 1];
  }
  return false;
}

bool IsZero(ConstLimbs a) {
  Limb any = 0;
  for (const Limb limb : a) any |= limb;
  return any == 0;
}

bool IsEqual(ConstLimbs a, ConstLimbs b) {
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
  const ConstLimbs result(t, kLimbs);
  if (top != 0 || !IsLess(result, n)) {
    Minus(out, result, n);
    return;
  }
  for (std::size_t i = 0; i < kLimbs; ++i) out[i] = t[i];
}

template void MontgomeryMultiply<8>(Number<8>&, const Number<8>&,
                                    const Number<8>&, const Number<8>&, Limb);
template void MontgomeryMultiply<12>(Number<12>&, const Number<12>&,
                                     const Number<12>&, const Number<12>&,
                                     Limb);
template void MontgomeryMultiply<64>(Number<64>&, const Number<64>&,
                                     const Number<64>&, const Number<64>&,
                                     Limb);
template void MontgomeryMultiply<96>(Number<96>&, const Number<96>&,
                                     const Number<96>&, const Number<96>&,
                                     Limb);

}  // namespace bootseal::crypto
