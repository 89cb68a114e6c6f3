#include "firmware/crypto/eddsa.h"

#include <array>
#include <bit>
#include <span>

#include "firmware/crypto/field25519.h"
#include "firmware/crypto/order25519.h"
#include "firmware/crypto/sha2.h"
#include "firmware/image/hardened.h"

namespace bootseal::crypto {
namespace {

using field25519::Element;
using image::Bytes;
using image::Error;

// The curve is -x^2 + y^2 = 1 + d x^2 y^2.
constexpr Element kTwoD = {0x26b2f159, 0xebd69b94, 0x8283b156, 0x00e0149a,
                           0xeef3d130, 0x198e80f2, 0x56dffce7, 0x2406d9dc};
constexpr Element kRootOfMinusOne = {0x4a0ea0b0, 0xc4ee1b27, 0xad2fe478,
                                     0x2f431806, 0x3dfbd7a7, 0x2b4d0099,
                                     0x4fc1df0b, 0x2b832480};

// (x / z, y / z) with t = x y / z.
struct Point {
  Element x;
  Element y;
  Element z;
  Element t;
};

// For all points: equal ones, opposite ones and 0 as well, so that it doubles,
// too. Explicit-Formulas Database, twisted/extended-1, add-2008-hwcd-3.
void Add(Point& out, const Point& p, const Point& q) {
  Element a, b, c, d, e;
  field25519::Subtract(a, p.y, p.x);
  field25519::Subtract(e, q.y, q.x);
  field25519::Multiply(a, a, e);
  field25519::Add(b, p.y, p.x);
  field25519::Add(e, q.y, q.x);
  field25519::Multiply(b, b, e);
  field25519::Multiply(c, p.t, q.t);
  field25519::Multiply(c, c, kTwoD);
  field25519::Multiply(d, p.z, q.z);
  field25519::Add(d, d, d);
  field25519::Subtract(e, b, a);
  field25519::Add(b, b, a);
  field25519::Subtract(a, d, c);
  field25519::Add(d, d, c);
  field25519::Multiply(out.x, e, a);
  field25519::Multiply(out.y, d, b);
  field25519::Multiply(out.z, a, d);
  field25519::Multiply(out.t, e, b);
}

void Quadruple(Point& p) {
  for (int i = 0; i < 2; ++i) Add(p, p, p);
}

// One of the eight points that 8 takes to 0: 4 takes them, and no others, to 0
// or to the point of order 2, which have an x of 0.
bool IsOfSmallOrder(Point p) {
  Quadruple(p);
  return field25519::IsZeroReduced(p.x);
}

Number<8> FromLittleEndian(Bytes bytes) {
  static_assert(std::endian::native == std::endian::little);
  Number<8> number;
  __builtin_memcpy(number.data(), bytes.data(), sizeof(number));
  return number;
}

// The opposite of the point that 32 bytes encode. False where they encode none;
// an x of -0 is for IsOfSmallOrder to refuse.
bool ReadOpposite(Point& out, Bytes bytes) {
  out.y = FromLittleEndian(bytes);
  const Limb sign = out.y[7] >> 31;
  out.y[7] &= 0x7fffffff;
  if (!IsLess(out.y, field25519::kPrime)) return false;
  // x^2 = u / v with u = 2 y^2 - 2 and v = 2 d y^2 + 2; u (u v)^((p - 5) / 8)
  // is a root of it or of its opposite, if any is.
  Element u, v, x, check;
  out.z = {2};
  field25519::Multiply(v, out.y, out.y);
  field25519::Add(u, v, v);
  field25519::Subtract(u, u, out.z);
  field25519::Multiply(v, v, kTwoD);
  field25519::Add(v, v, out.z);
  out.z = {1};
  field25519::Multiply(x, u, v);
  field25519::RaiseToRootPower(x);
  field25519::Multiply(x, x, u);
  field25519::Multiply(check, x, x);
  field25519::Multiply(check, check, v);
  field25519::Subtract(v, check, u);
  if (!field25519::IsZeroReduced(v)) {
    field25519::Add(v, check, u);
    if (!field25519::IsZeroReduced(v)) return false;
    field25519::Multiply(x, x, kRootOfMinusOne);
  }
  field25519::Reduce(x);
  if ((x[0] & 1) == sign) Minus(x, field25519::kPrime, x);
  out.x = x;
  field25519::Multiply(out.t, x, out.y);
  return true;
}

Element Encode(const Point& p) {
  Element inverse = p.z;  // z^(p - 2), with p - 2 = 8 (p - 5) / 8 + 3
  field25519::RaiseToRootPower(inverse);
  field25519::SquareRepeatedly(inverse, 3);
  for (int i = 0; i < 3; ++i) field25519::Multiply(inverse, inverse, p.z);
  Element x, y;
  field25519::Multiply(x, p.x, inverse);
  field25519::Multiply(y, p.y, inverse);
  field25519::Reduce(x);
  field25519::Reduce(y);
  y[7] |= x[0] << 31;
  return y;
}

// i B + j P in place 4 j + i, for i and j below 4.
using Table = std::array<Point, 16>;

bool Fill(Table& table, Bytes key) {
  std::array<std::byte, 32> base;  // -B: y = 4 / 5, an odd x
  image::Fill(base, std::byte{0x66});
  base.front() = std::byte{0x58};
  base.back() = std::byte{0xe6};
  if (!ReadOpposite(table[1], base) || !ReadOpposite(table[4], key)) {
    return false;
  }
  table[0] = {.x = {}, .y = {1}, .z = {1}, .t = {}};
  for (std::size_t i = 1; i < table.size(); ++i) {
    const std::size_t step = i % 4 != 0 ? 1 : 4;
    Add(table[i], table[i - step], table[step]);
  }
  return !IsOfSmallOrder(table[4]);
}

Limb TwoBits(const Number<8>& number, std::size_t at) {
  return number[at / 32] >> at % 32 & 3;
}

// b B + p P, two bits at a time from the top.
Point Combine(const Table& table, const Number<8>& b, const Number<8>& p) {
  Point sum = table[0];
  for (std::size_t at = 254; at > 0;) {
    at -= 2;
    Quadruple(sum);
    Add(sum, sum, table[TwoBits(b, at) + 4 * TwoBits(p, at)]);
  }
  return sum;
}

}  // namespace

Error VerifyEd25519(Bytes public_key, Bytes message, Bytes signature) {
  if (public_key.size() != 32) return Error::kKeyFormat;
  if (signature.size() != 64) return Error::kSignatureLength;
  const Bytes r = signature.first(32);
  const Number<8> s = FromLittleEndian(signature.last(32));
  if (!IsLess(s, order25519::kOrder)) return Error::kSignatureMismatch;
  Table table;
  if (!Fill(table, public_key)) return Error::kSignatureMismatch;
  Sha512 hash;
  hash.Update(r);
  hash.Update(public_key);
  hash.Update(message);
  const Point sum = Combine(table, s, order25519::Reduce(hash.Finish()));
  if (IsOfSmallOrder(sum)) return Error::kSignatureMismatch;
  const Element encoded = Encode(sum);
  return image::Same(std::as_bytes(std::span(encoded)), r,
                     Error::kSignatureMismatch);
}

}  // namespace bootseal::crypto
