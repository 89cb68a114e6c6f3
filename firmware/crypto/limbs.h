// Long numbers as 32-bit limbs, least significant first. All spans of one call
// have one length. Nothing is constant-time: verification knows no secret.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_LIMBS_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_LIMBS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/bytes.h"

namespace bootseal::crypto {

using Limb = std::uint32_t;
using Limbs = std::span<Limb>;
using ConstLimbs = std::span<const Limb>;

template <std::size_t kLimbs>
using Number = std::array<Limb, kLimbs>;

// Big-endian bytes, exactly as long as the number.
void FromBigEndian(Limbs out, image::Bytes bytes);
void ToBigEndian(image::MutableBytes out, ConstLimbs number);

// out may be an operand. The bit that is carried out of the top, or borrowed.
Limb Plus(Limbs out, ConstLimbs a, ConstLimbs b);
Limb Minus(Limbs out, ConstLimbs a, ConstLimbs b);
bool IsLess(ConstLimbs a, ConstLimbs b);
bool IsZero(ConstLimbs a);
bool IsEqual(ConstLimbs a, ConstLimbs b);

// -1 / odd modulo 2^32.
Limb MinusInverse(Limb odd);

// out = a * b / 2^(32 kLimbs) modulo an odd n, for a and b below n; out may be
// an operand. P. L. Montgomery, "Modular multiplication without trial
// division". Instantiated in limbs.cc for 8 and 12 limbs (P-256, P-384) and for
// 64 and 96 (RSA).
template <std::size_t kLimbs>
void MontgomeryMultiply(Number<kLimbs>& out, const Number<kLimbs>& a,
                        const Number<kLimbs>& b, const Number<kLimbs>& n,
                        Limb minus_inverse_of_n);

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_LIMBS_H_
