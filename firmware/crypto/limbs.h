// Long numbers as 32-bit limbs, least significant first. Instantiated in
// limbs.cc for 8 and 12 limbs (P-256, P-384) and for 64 and 96 (RSA). Nothing
// is constant-time: verification knows no secret.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_LIMBS_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_LIMBS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::crypto {

using Limb = std::uint32_t;

template <std::size_t kLimbs>
using Number = std::array<Limb, kLimbs>;

// Big-endian bytes, exactly as long as the number.
template <std::size_t kLimbs>
void FromBigEndian(Number<kLimbs>& out, image::Bytes bytes);
template <std::size_t kLimbs>
void ToBigEndian(image::MutableBytes out, const Number<kLimbs>& number);

// out may be an operand. The bit that is carried out of the top, or borrowed.
template <std::size_t kLimbs>
Limb Plus(Number<kLimbs>& out, const Number<kLimbs>& a,
          const Number<kLimbs>& b);
template <std::size_t kLimbs>
Limb Minus(Number<kLimbs>& out, const Number<kLimbs>& a,
           const Number<kLimbs>& b);
template <std::size_t kLimbs>
bool IsLess(const Number<kLimbs>& a, const Number<kLimbs>& b);
template <std::size_t kLimbs>
bool IsZero(const Number<kLimbs>& a);
template <std::size_t kLimbs>
bool IsEqual(const Number<kLimbs>& a, const Number<kLimbs>& b);

// -1 / odd modulo 2^32.
Limb MinusInverse(Limb odd);

// out = a * b / 2^(32 kLimbs) modulo an odd n, for a and b below n; out may be
// an operand. P. L. Montgomery, "Modular multiplication without trial
// division".
template <std::size_t kLimbs>
void MontgomeryMultiply(Number<kLimbs>& out, const Number<kLimbs>& a,
                        const Number<kLimbs>& b, const Number<kLimbs>& n,
                        Limb minus_inverse_of_n);

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_LIMBS_H_
