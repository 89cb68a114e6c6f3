// Points of a curve y^2 = x^3 - 3x + b in Jacobian coordinates (x / z^2,
// y / z^3); z = 0 is the point at infinity. Every case is handled: a signer of
// nonsense chooses the scalars. Formulas: Explicit-Formulas Database,
// shortw/jacobian-3, dbl-2001-b and add-1998-cmo-2. They are tables of steps,
// which take a third of the bytes of as many calls.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_POINT_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_POINT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/crypto/modulus.h"

namespace bootseal::crypto {

// x, y, z in Montgomery form modulo the curve's prime.
template <int kBits>
using Point = std::array<typename Modulus<kBits>::Number, 3>;

namespace formulas {

// The point worked on, the one that is added to it, and what is in between.
enum Register : std::uint8_t { kX, kY, kZ, kX2, kY2, kZ2, kA, kB, kC, kD, kT };
inline constexpr std::size_t kRegisters = kT + 1;

enum class Operation : std::uint8_t { kMultiply, kAdd, kSubtract };

struct Step {
  std::uint8_t operation_and_out;
  std::uint8_t operands;
};

constexpr Step Make(Operation operation, Register out, Register a, Register b) {
  return {static_cast<std::uint8_t>(static_cast<unsigned>(operation) << 4 |
                                    static_cast<unsigned>(out)),
          static_cast<std::uint8_t>(static_cast<unsigned>(a) << 4 |
                                    static_cast<unsigned>(b))};
}
constexpr Step Product(Register out, Register a, Register b) {
  return Make(Operation::kMultiply, out, a, b);
}
constexpr Step Sum(Register out, Register a, Register b) {
  return Make(Operation::kAdd, out, a, b);
}
constexpr Step Difference(Register out, Register a, Register b) {
  return Make(Operation::kSubtract, out, a, b);
}

inline constexpr Step kDouble[] = {
    Product(kA, kZ, kZ),  // delta
    Product(kB, kY, kY),  // gamma
    Product(kC, kX, kB),  // beta
    Difference(kT, kX, kA), Sum(kD, kX, kA), Product(kD, kD, kT),
    Sum(kT, kD, kD), Sum(kD, kD, kT),  // alpha = 3 (x - delta) (x +
                                       // delta)
    Sum(kT, kY, kZ), Product(kT, kT, kT), Difference(kT, kT, kB),
    Difference(kZ, kT, kA),  // (y + z)^2 - gamma - delta
    Sum(kC, kC, kC), Sum(kC, kC, kC), Product(kX, kD, kD),
    Difference(kX, kX, kC), Difference(kX, kX, kC),  // alpha^2 - 8 beta
    Difference(kT, kC, kX), Product(kY, kD, kT), Product(kB, kB, kB),
    Sum(kB, kB, kB), Sum(kB, kB, kB), Sum(kB, kB, kB),
    Difference(kY, kY, kB),  // alpha (4 beta - x) - 8 gamma^2
};

// How far apart the points are: kB in x, kD in y, both times what makes their
// denominators the same.
inline constexpr Step kCompare[] = {
    Product(kT, kZ2, kZ2),  Product(kA, kX, kT),  // u = x1 z2^2
    Product(kT, kT, kZ2),   Product(kC, kY, kT),  // s = y1 z2^3
    Product(kT, kZ, kZ),    Product(kB, kX2, kT),
    Difference(kB, kB, kA),  // h = x2 z1^2 - u
    Product(kT, kT, kZ),    Product(kD, kY2, kT),
    Difference(kD, kD, kC),  // r = y2 z1^3 - s
};

inline constexpr Step kAdd[] = {
    Product(kZ, kZ, kZ2),   Product(kZ, kZ, kB),  // z1 z2 h
    Product(kT, kB, kB),    Product(kA, kA, kT),    Product(kT, kT, kB),
    Product(kX, kD, kD),    Difference(kX, kX, kT), Difference(kX, kX, kA),
    Difference(kX, kX, kA),  // r^2 - h^3 - 2 u h^2
    Difference(kA, kA, kX), Product(kY, kD, kA),    Product(kC, kC, kT),
    Difference(kY, kY, kC),  // r (u h^2 - x) - s h^3
};

// kA: x (x^2 - 3) + b - y^2, for z = 1 and b in kX2.
inline constexpr Step kCurve[] = {
    Product(kA, kX, kX),    Difference(kA, kA, kZ), Difference(kA, kA, kZ),
    Difference(kA, kA, kZ), Product(kA, kA, kX),    Sum(kA, kA, kX2),
    Product(kB, kY, kY),    Difference(kA, kA, kB),
};

}  // namespace formulas

template <int kBits>
class PointArithmetic {
 public:
  using Number = typename Modulus<kBits>::Number;

  explicit PointArithmetic(const Modulus<kBits>& prime) : p_(prime) {}

  // The point worked on.
  void Set(const Point<kBits>& point) { Copy(formulas::kX, point); }
  [[gnu::noinline]] void Get(Point<kBits>& point) const {
    for (std::size_t i = 0; i < point.size(); ++i) point[i] = r_[i];
  }
  const Number& x() const { return r_[formulas::kX]; }
  const Number& z() const { return r_[formulas::kZ]; }

  bool IsInfinite() const { return IsZero(z()); }

  // For z = 1; `b` in Montgomery form.
  bool IsOnCurve(const Number& b) {
    r_[formulas::kX2] = b;
    Run(formulas::kCurve);
    return IsZero(r_[formulas::kA]);
  }

  void Double() { Run(formulas::kDouble); }

  void Add(const Point<kBits>& other) {
    if (IsZero(other[2])) return;
    if (IsInfinite()) return Set(other);
    Copy(formulas::kX2, other);
    Run(formulas::kCompare);
    if (!IsZero(r_[formulas::kB])) return Run(formulas::kAdd);
    // The same x: the same point, or the opposite one.
    if (IsZero(r_[formulas::kD])) return Double();
    r_[formulas::kZ] = {};
  }

 private:
  [[gnu::noinline]] void Copy(formulas::Register first,
                              const Point<kBits>& point) {
    for (std::size_t i = 0; i < point.size(); ++i) r_[first + i] = point[i];
  }

  [[gnu::noinline]] void Run(std::span<const formulas::Step> steps) {
    for (const formulas::Step step : steps) {
      Number& out = r_[step.operation_and_out & 0xf];
      const Number& a = r_[step.operands >> 4];
      const Number& b = r_[step.operands & 0xf];
      switch (static_cast<formulas::Operation>(step.operation_and_out >> 4)) {
        case formulas::Operation::kMultiply:
          p_.Multiply(out, a, b);
          break;
        case formulas::Operation::kAdd:
          p_.Add(out, a, b);
          break;
        case formulas::Operation::kSubtract:
          p_.Subtract(out, a, b);
          break;
      }
    }
  }

  const Modulus<kBits>& p_;
  std::array<Number, formulas::kRegisters> r_;
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_POINT_H_
