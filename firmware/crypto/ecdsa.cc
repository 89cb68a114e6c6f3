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
    if (!Combine(e, s) || points_.IsInfinite()) {
      return Error::kSignatureMismatch;
    }
    // The sum's x, reduced modulo n, is r: it is r or, n being below p, r + n.
    // Whichever is worth a try, the last word is a comparison's.
    if (SumHasX(r) == Error::kOk) return SumHasX(r);
    const bool carry = Plus(r, r, n_.value()) != 0;
    if (carry || !IsLess(r, p_.value())) return Error::kSignatureMismatch;
    return SumHasX(r);
  }

 private:
  // A positive number of up to kBytes; false when it is not below n.
  bool ReadScalar(Number& out, Bytes big_endian) const {
    std::array<std::byte, kBytes> full{};
    image::Copy(big_endian, image::MutableBytes(full).last(big_endian.size()));
    return n_.Read(out, full);
  }

  bool Load(Point<kBits>& point, Bytes xy) {
    Number b;
    if (!p_.Read(point[0], xy.first(kBytes)) ||
        !p_.Read(point[1], xy.last(kBytes)) || !p_.Read(b, Curve::kB)) {
      return false;
    }
    point[2] = {1};
    for (Number& coordinate : point) p_.ToMontgomery(coordinate);
    p_.ToMontgomery(b);
    points_.Set(point);
    return points_.IsOnCurve(b);
  }

  // Makes points_ g G + k K for base point G and key K, two bits of each at a
  // time from the top. The table's entry i + 4 j is i G + j K.
  bool Combine(const Number& g, const Number& k) {
    std::array<Point<kBits>, 16> table;
    if (!Load(table[1], Curve::kBase)) return false;
    table[4] = key_;
    for (std::size_t i = 2; i < table.size(); ++i) {
      if (i == 4) continue;
      const std::size_t step = i % 4 == 0 ? 4 : 1;
      points_.Set(table[i - step]);
      points_.Add(table[step]);
      points_.Get(table[i]);
    }
    table[0] = {};
    points_.Set(table[0]);
    for (int bit = kBits - 2; bit >= 0; bit -= 2) {
      points_.Double();
      points_.Double();
      points_.Add(table[TwoBits(g, bit) + 4 * TwoBits(k, bit)]);
    }
    return true;
  }

  static std::size_t TwoBits(const Number& x, int bit) {
    return x[static_cast<std::size_t>(bit / 32)] >> bit % 32 & 3;
  }

  // x / z^2 = candidate
  Error SumHasX(const Number& candidate) {
    Number square;
    p_.Multiply(square, points_.z(), points_.z());
    p_.ToMontgomery(square);
    p_.Multiply(square, square, candidate);
    return image::Same(std::as_bytes(std::span(square)),
                       std::as_bytes(std::span(points_.x())),
                       Error::kSignatureMismatch);
  }

  Field p_{Curve::kP};
  Field n_{Curve::kN};
  PointArithmetic<kBits> points_{p_};
  Point<kBits> key_;
};

}  // namespace

template <typename Curve>
Error VerifyEcdsa(Bytes public_key, Bytes digest, Bytes signature) {
  const image::Result<Bytes> key =
      image::ReadRawPublicKey(Curve::kAlgorithm, public_key);
  if (!key.ok()) return Error::kKeyFormat;
  const auto parsed = image::ReadEcdsaSignature(signature, Curve::kBits / 8);
  if (!parsed.ok()) return Error::kDer;
  if (digest.size() != Curve::kBits / 8) return Error::kSignatureMismatch;

  Verification<Curve> verification;
  if (!verification.LoadKey(*key)) return Error::kKeyFormat;
  return verification.Judge(digest, *parsed);
}

template Error VerifyEcdsa<P256>(Bytes, Bytes, Bytes);
template Error VerifyEcdsa<P384>(Bytes, Bytes, Bytes);

}  // namespace bootseal::crypto
