#include "firmware/crypto/field25519.h"

#include <multiply_add.h>

#include "firmware/image/hardened.h"

namespace bootseal::crypto::field25519 {
namespace {

// 2^256 is 38 modulo p.
constexpr Limb kTop = 38;

// x += 2^256 * beyond. It ends: what is left of a second turn is no 2^256.
void Fold(Element& x, std::int32_t beyond) {
  while (beyond != 0) {
    std::int64_t sum = std::int64_t{beyond} * static_cast<std::int32_t>(kTop);
    for (std::size_t i = 0; i < x.size() && sum != 0; ++i) {
      sum += x[i];
      x[i] = static_cast<Limb>(sum);
      sum >>= 32;
    }
    beyond = static_cast<std::int32_t>(sum);
  }
}

// out = a + factor * b, or with a sign of ~0 and a factor of 1 a - b, which is
// a + ~b + 1 - 2^256.
void AddMultiple(Element& out, const Limb* a, const Limb* b, Limb factor,
                 Limb sign) {
  Limb high = 0 - sign;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Limb low = a[i];
    MultiplyAdd(low, high, factor, b[i] ^ sign);
    out[i] = low;
  }
  Fold(out, static_cast<std::int32_t>(high + sign));
}

// t += (a[0] + a[1] 2^32) b, for a t whose limbs 8 and 9 are not set yet: two
// rows at once take half the loads and stores.
[[gnu::always_inline]] inline void AddTwoRows(Limb* t, const Limb* a,
                                              const Limb* b) {
  const Limb factor0 = a[0];
  const Limb factor1 = a[1];
  Limb high0 = 0;
  Limb high1 = 0;
  Limb low = t[0];
  Limb before = b[0];
  MultiplyAdd(low, high0, factor0, before);
  t[0] = low;
#pragma GCC unroll 8
  for (std::size_t i = 1; i < 8; ++i) {
    low = t[i];
    MultiplyAdd(low, high1, factor1, before);
    before = b[i];
    MultiplyAdd(low, high0, factor0, before);
    t[i] = low;
  }
  MultiplyAdd(high0, high1, factor1, before);
  t[8] = high0;
  t[9] = high1;
}

}  // namespace

void Add(Element& out, const Element& a, const Element& b) {
  AddMultiple(out, a.data(), b.data(), 1, 0);
}

void Subtract(Element& out, const Element& a, const Element& b) {
  AddMultiple(out, a.data(), b.data(), 1, ~Limb{0});
}

void Multiply(Element& out, const Element& a, const Element& b) {
  Number<16> product;
  for (std::size_t i = 0; i < 8; ++i) product[i] = 0;
  for (std::size_t i = 0; i < 8; i += 2) {
    // Or the compiler keeps the limbs in registers that it does not have.
    AddTwoRows(image::Launder(&product[i]), &a[i], image::Launder(b.data()));
  }
  AddMultiple(out, product.data(), product.data() + 8, kTop, 0);
}

void SquareRepeatedly(Element& x, int times) {
  for (; times > 0; --times) Multiply(x, x, x);
}

// The exponent is 2^252 - 3. On the way x is base^(2^n - 1), for an n that is
// 250 from its first bit to its last.
void RaiseToRootPower(Element& x) {
  const Element base = x;
  int n = 1;
  for (int bit = 6; bit >= 0; --bit) {
    const Element before = x;
    SquareRepeatedly(x, n);
    Multiply(x, x, before);
    n = 250 >> bit;
    if (n % 2 == 0) continue;
    Multiply(x, x, x);
    Multiply(x, x, base);
  }
  SquareRepeatedly(x, 2);
  Multiply(x, x, base);
}

void Reduce(Element& x) {
  while (!IsLess(x, kPrime)) Minus(x, x, kPrime);
}

bool IsZeroReduced(Element& x) {
  Reduce(x);
  return IsZero(x);
}

}  // namespace bootseal::crypto::field25519
