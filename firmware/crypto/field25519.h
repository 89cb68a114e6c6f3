// Arithmetic modulo the prime p = 2^255 - 19 (RFC 7748, 4.1). Nothing is
// constant-time: verification knows no secret.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_FIELD25519_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_FIELD25519_H_

#include "firmware/crypto/limbs.h"

namespace bootseal::crypto::field25519 {

// Any number of 256 bits, standing for its rest modulo p. Results may be one of
// the operands.
using Element = Number<8>;

inline constexpr Element kPrime = {0xffffffed, 0xffffffff, 0xffffffff,
                                   0xffffffff, 0xffffffff, 0xffffffff,
                                   0xffffffff, 0x7fffffff};

void Add(Element& out, const Element& a, const Element& b);
void Subtract(Element& out, const Element& a, const Element& b);
void Multiply(Element& out, const Element& a, const Element& b);

// x = x^(2^times)
void SquareRepeatedly(Element& x, int times);

// x = x^((p - 5) / 8), from which square roots and inverses are made.
void RaiseToRootPower(Element& x);

// The one number below p that stands for the same rest.
void Reduce(Element& x);

// Whether it stands for 0; reduces it.
bool IsZeroReduced(Element& x);

}  // namespace bootseal::crypto::field25519

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_FIELD25519_H_
