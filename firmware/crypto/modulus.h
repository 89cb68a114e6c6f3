// Arithmetic modulo an odd number with its top bit set: an RSA modulus, the
// prime of a curve or the order of its base point.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_MODULUS_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_MODULUS_H_

#include <array>
#include <cstddef>

#include "firmware/crypto/limbs.h"
#include "firmware/image/bytes.h"

namespace bootseal::crypto {

// With R = 2^kBits, x is "in Montgomery form" when it stands for x / R. Every
// Number is below the modulus. Results may be one of the operands.
template <int kBits>
class Modulus {
 public:
  static constexpr std::size_t kBytes = kBits / 8;
  static constexpr std::size_t kLimbs = kBits / 32;
  using Number = crypto::Number<kLimbs>;

  // kBytes, big-endian.
  explicit Modulus(image::Bytes big_endian) {
    FromBigEndian(n_, big_endian);
    minus_inverse_ = MinusInverse(n_[0]);
    FindSquareOfR();
  }

  const Number& value() const { return n_; }

  // Reads kBytes, big-endian. False when the number is not below the modulus.
  bool Read(Number& out, image::Bytes big_endian) const {
    FromBigEndian(out, big_endian);
    return IsLess(out, n_);
  }
  // Reads kBytes, big-endian, modulo the modulus.
  void ReadAndReduce(Number& out, image::Bytes big_endian) const {
    if (!Read(out, big_endian)) Minus(out, out, n_);
  }

  // out = a * b / R
  void Multiply(Number& out, const Number& a, const Number& b) const {
    MontgomeryMultiply<kLimbs>(out, a, b, n_, minus_inverse_);
  }
  void Add(Number& out, const Number& a, const Number& b) const {
    const bool carry = Plus(out, a, b) != 0;
    if (carry || !IsLess(out, n_)) Minus(out, out, n_);
  }
  void Subtract(Number& out, const Number& a, const Number& b) const {
    if (Minus(out, a, b) != 0) Plus(out, out, n_);
  }

  void ToMontgomery(Number& x) const { Multiply(x, x, square_of_r_); }

  // x^-1, in and out in Montgomery form, for a prime modulus: x^(n-2).
  void Invert(Number& x) const {
    Number exponent = n_;
    exponent[0] -= 2;  // our primes end in more than 2
    const Number base = x;
    for (int bit = kBits - 2; bit >= 0; --bit) {  // the top bit is set
      Multiply(x, x, x);
      if (Bit(exponent, bit)) Multiply(x, x, base);
    }
  }

  static bool Bit(const Number& x, int bit) {
    return (x[static_cast<std::size_t>(bit / 32)] >> bit % 32 & 1) != 0;
  }

 private:
  // R^2 without a division: R modulo n is R - n because n's top bit is set;
  // kBits / 32 doublings make it 2^(kBits/32) R, and each of five Montgomery
  // squares doubles the exponent of that 2: 2^kBits R.
  void FindSquareOfR() {
    Number& x = square_of_r_;
    Minus(x, Number{}, n_);
    for (int i = 0; i < kBits / 32; ++i) Add(x, x, x);
    for (int i = 0; i < 5; ++i) Multiply(x, x, x);
  }

  Number n_;
  Number square_of_r_;
  Limb minus_inverse_;
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_MODULUS_H_
