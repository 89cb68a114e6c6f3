#include "firmware/crypto/ecdsa.h"

#include <array>
#include <span>

#include "firmware/crypto/curves.h"
#include "firmware/crypto/modulus.h"
#include "firmware/crypto/point.h"
#include "firmware/image/der.h"
#include "firmware/image/hardened.h"

namespace bootseal::crypto {
namespace {

using image::Bytes;
using image::Error;

template <typename Curve>
class Verification {
 public:
  static constexpr int kBits = Curve::kBits;
  using Field = Modulus<kBits>;
  using Number = typename Field::Number;
  static constexpr std::size_t kBytes = Field::kBytes;

  // False unless x || y is a point on the curve.
  bool LoadKey(Bytes key) { return Load(key_, key); }

  // kOk or kSignatureMismatch.
  Error Judge(Bytes digest, const image::EcdsaSignature& signature) {
    Number r, s, e;
    if (!ReadScalar(r, signature.r) || !ReadScalar(s, signature.s)) {
      return Error::kSignatureMismatch;
    }
    // e / s and r / s modulo n: s is in Montgomery form, its factor is not, so
    // the product is a plain number.
    n_.ToMontgomery(s);
    n_.Invert(s);
    n_.ReadAndReduce(e, digest);
    n_.Multiply(e, e, s);
    n_.Multiply(s, r, s);
    const Point<kBits> sum = Combine(e, s);
    if (IsZero(sum.z)) return Error::kSignatureMismatch;
    // The sum's x, reduced modulo n, is r: it is r or, n being below p, r + n.
    // Whichever is worth a try, the last word is a comparison's.
    if (HasX(sum, r) == Error::kOk) return HasX(sum, r);
    const bool carry = Plus(r, r, n_.value()) != 0;
    if (carry || !IsLess(r, p_.value())) return Error::kSignatureMismatch;
    return HasX(sum, r);
  }

 private:
  // A positive number of up to kBytes; false when it is not below n.
  bool ReadScalar(Number& out, Bytes big_endian) const {
    std::array<std::byte, kBytes> full{};
    image::Copy(big_endian, image::MutableBytes(full).last(big_endian.size()));
    return n_.Read(out, full);
  }

  bool Load(Point<kBits>& point, Bytes xy) {
    if (!p_.Read(point.x, xy.first(kBytes)) ||
        !p_.Read(point.y, xy.last(kBytes))) {
      return false;
    }
    point.z = {1};
    p_.ToMontgomery(point.x);
    p_.ToMontgomery(point.y);
    p_.ToMontgomery(point.z);
    return IsOnCurve(point);
  }

  // y^2 = x (x^2 - 3) + b for z = 1.
  bool IsOnCurve(const Point<kBits>& point) {
    Number right, left, b;
    p_.Multiply(right, point.x, point.x);
    for (int i = 0; i < 3; ++i) p_.Subtract(right, right, point.z);
    p_.Multiply(right, right, point.x);
    p_.ReadAndReduce(b, Curve::kB);
    p_.ToMontgomery(b);
    p_.Add(right, right, b);
    p_.Multiply(left, point.y, point.y);
    return IsEqual(left, right);
  }

  // g G + k K for base point G and key K, bit by bit from the top.
  Point<kBits> Combine(const Number& g, const Number& k) {
    PointArithmetic<kBits> points(p_);
    std::array<Point<kBits>, 4> table;  // 0, G, K, G + K
    if (!Load(table[1], Curve::kBase)) return {};
    table[2] = key_;
    table[3] = key_;
    points.Add(table[3], table[1]);
    Point<kBits> sum;
    for (int bit = kBits - 1; bit >= 0; --bit) {
      points.Double(sum);
      const std::size_t which =
          (Field::Bit(g, bit) ? 1U : 0U) + (Field::Bit(k, bit) ? 2U : 0U);
      points.Add(sum, table[which]);
    }
    return sum;
  }

  // x / z^2 = candidate
  Error HasX(const Point<kBits>& point, Number candidate) {
    Number square;
    p_.Multiply(square, point.z, point.z);
    p_.ToMontgomery(candidate);
    p_.Multiply(candidate, candidate, square);
    return image::Same(std::as_bytes(std::span(candidate)),
                       std::as_bytes(std::span(point.x)),
                       Error::kSignatureMismatch);
  }

  Field p_{Curve::kP};
  Field n_{Curve::kN};
  Point<kBits> key_;
};

}  // namespace

template <typename Curve>
Error VerifyEcdsa(image::Algorithm algorithm, Bytes public_key, Bytes digest,
                  Bytes signature) {
  const image::Result<Bytes> key =
      image::ReadRawPublicKey(algorithm, public_key);
  if (!key.ok()) return Error::kKeyFormat;
  const auto parsed = image::ReadEcdsaSignature(signature, Curve::kBits / 8);
  if (!parsed.ok()) return Error::kDer;
  if (digest.size() != Curve::kBits / 8) return Error::kSignatureMismatch;

  Verification<Curve> verification;
  if (!verification.LoadKey(*key)) return Error::kKeyFormat;
  return verification.Judge(digest, *parsed);
}

template Error VerifyEcdsa<P256>(image::Algorithm, Bytes, Bytes, Bytes);
template Error VerifyEcdsa<P384>(image::Algorithm, Bytes, Bytes, Bytes);

}  // namespace bootseal::crypto
