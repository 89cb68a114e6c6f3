#include "firmware/crypto/limbs.h"

#include <add_columns.h>
#include <multiply_add.h>

#include <array>

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

// Multiplying by one leaves what a core does best: a sum with a carry.
template <std::size_t kLimbs>
Limb Plus(Number<kLimbs>& out, const Number<kLimbs>& a,
          const Number<kLimbs>& b) {
  Limb carry = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Limb sum = a[i];
    MultiplyAdd(sum, carry, b[i], 1);
    out[i] = sum;
  }
  return carry;
}

// a - b = a + ~b + 1
template <std::size_t kLimbs>
Limb Minus(Number<kLimbs>& out, const Number<kLimbs>& a,
           const Number<kLimbs>& b) {
  Limb carry = 1;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Limb sum = a[i];
    MultiplyAdd(sum, carry, ~b[i], 1);
    out[i] = sum;
  }
  return 1 - carry;
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

template <std::size_t kLimbs>
void MontgomeryMultiply(Number<kLimbs>& out, const Number<kLimbs>& a,
                        const Number<kLimbs>& b, const Number<kLimbs>& n,
                        Limb minus_inverse_of_n) {
  Columns<kLimbs> columns;
  Limb(&t)[kLimbs] = columns.t;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t[i] = 0;
    columns.b[i] = b[i];
  }
  Limb top = 0;  // t with its top stays below 2 n
  for (std::size_t i = 0; i < kLimbs; i += 2) {
    Row first{a[i]};
    Row second{a[i + 1]};
    Limb low = t[0];
    first.Begin(low, b[0], minus_inverse_of_n);
    first.Add(low, b[0], n[0]);  // makes 0 of it
    low = t[1];
    first.Add(low, b[1], n[1]);
    second.Begin(low, b[0], minus_inverse_of_n);
    second.Add(low, b[0], n[0]);
    AddColumns(first, second, columns, n.data());
    std::uint64_t sum =
        std::uint64_t{first.carry_factor} + first.carry_multiple + top;
    low = static_cast<Limb>(sum);
    second.Add(low, b[kLimbs - 1], n[kLimbs - 1]);
    t[kLimbs - 2] = low;
    sum = (sum >> 32) + second.carry_factor + second.carry_multiple;
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
