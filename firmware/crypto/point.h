// Points of a curve y^2 = x^3 - 3x + b in Jacobian coordinates (x / z^2,
// y / z^3); z = 0 is the point at infinity. Every case is handled: a signer of
// nonsense chooses the scalars. Formulas: Explicit-Formulas Database,
// shortw/jacobian-3, dbl-2001-b and add-1998-cmo-2.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_POINT_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_POINT_H_

#include "firmware/crypto/modulus.h"

namespace bootseal::crypto {

// Coordinates are in Montgomery form modulo the curve's prime.
template <int kBits>
struct Point {
  using Number = typename Modulus<kBits>::Number;
  Number x{};
  Number y{};
  Number z{};
};

template <int kBits>
class PointArithmetic {
 public:
  using Number = typename Modulus<kBits>::Number;

  explicit PointArithmetic(const Modulus<kBits>& prime) : p_(prime) {}

  void Double(Point<kBits>& a) {
    Number delta, gamma, beta, alpha, t;
    p_.Multiply(delta, a.z, a.z);
    p_.Multiply(gamma, a.y, a.y);
    p_.Multiply(beta, a.x, gamma);
    p_.Subtract(t, a.x, delta);
    p_.Add(alpha, a.x, delta);
    p_.Multiply(alpha, alpha, t);
    p_.Add(t, alpha, alpha);
    p_.Add(alpha, alpha, t);  // 3 (x - delta) (x + delta)
    // z = (y + z)^2 - gamma - delta
    p_.Add(t, a.y, a.z);
    p_.Multiply(t, t, t);
    p_.Subtract(t, t, gamma);
    p_.Subtract(a.z, t, delta);
    // x = alpha^2 - 8 beta
    Twice(beta, 2);  // 4 beta
    p_.Multiply(a.x, alpha, alpha);
    p_.Subtract(a.x, a.x, beta);
    p_.Subtract(a.x, a.x, beta);
    // y = alpha (4 beta - x) - 8 gamma^2
    p_.Subtract(t, beta, a.x);
    p_.Multiply(a.y, alpha, t);
    p_.Multiply(gamma, gamma, gamma);
    Twice(gamma, 3);
    p_.Subtract(a.y, a.y, gamma);
  }

  void Add(Point<kBits>& a, const Point<kBits>& b) {
    if (IsZero(b.z)) return;
    if (IsZero(a.z)) {
      a = b;
      return;
    }
    Number u, h, s, r, t;
    p_.Multiply(t, b.z, b.z);
    p_.Multiply(u, a.x, t);  // x1 z2^2
    p_.Multiply(t, t, b.z);
    p_.Multiply(s, a.y, t);  // y1 z2^3
    p_.Multiply(t, a.z, a.z);
    p_.Multiply(h, b.x, t);
    p_.Subtract(h, h, u);  // x2 z1^2 - x1 z2^2
    p_.Multiply(t, t, a.z);
    p_.Multiply(r, b.y, t);
    p_.Subtract(r, r, s);  // y2 z1^3 - y1 z2^3
    if (IsZero(h)) {
      // The same x: the same point, or the opposite one.
      if (IsZero(r)) return Double(a);
      a.z = {};
      return;
    }
    // z = z1 z2 h
    p_.Multiply(a.z, a.z, b.z);
    p_.Multiply(a.z, a.z, h);
    // x = r^2 - h^3 - 2 u h^2
    p_.Multiply(t, h, h);
    p_.Multiply(u, u, t);
    p_.Multiply(t, t, h);
    p_.Multiply(a.x, r, r);
    p_.Subtract(a.x, a.x, t);
    p_.Subtract(a.x, a.x, u);
    p_.Subtract(a.x, a.x, u);
    // y = r (u h^2 - x) - s h^3
    p_.Subtract(u, u, a.x);
    p_.Multiply(a.y, r, u);
    p_.Multiply(s, s, t);
    p_.Subtract(a.y, a.y, s);
  }

 private:
  // x = 2^times x
  void Twice(Number& x, int times) {
    for (int i = 0; i < times; ++i) p_.Add(x, x, x);
  }

  const Modulus<kBits>& p_;
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_POINT_H_
