#include <openssl/ec.h>

#include "base/openssl.h"
#include "tests/firmware/crypto/cases.h"
#include "tests/firmware/crypto/ecdsa_parts.h"

namespace bootseal::tests {
namespace {

using image::Error;

// The SPKI of `like` with another point.
std::string WithPoint(const std::string& like, const Group& group,
                      const EcPoint& point, std::size_t coordinate) {
  std::string octets(1 + 2 * coordinate, '\0');
  Must(EC_POINT_point2oct(group.get(), point.get(),
                          POINT_CONVERSION_UNCOMPRESSED, Raw(octets),
                          octets.size(), nullptr) == octets.size());
  return like.substr(0, like.size() - octets.size()) + octets;
}

// ECDSA by the textbook, with a private key and a nonce of our choice.
std::string SignByHand(const Group& group, const BIGNUM* key,
                       const BIGNUM* nonce, const std::string& digest,
                       std::size_t coordinate) {
  const Number n = OrderOf(coordinate);
  const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
  const Number r(BN_new(), BN_free);
  const Number s(BN_new(), BN_free);
  const Number e(
      BN_bin2bn(Raw(digest), static_cast<int>(digest.size()), nullptr),
      BN_free);
  BN_CTX* context = BN_CTX_new();
  Must(EC_POINT_mul(group.get(), point.get(), nonce, nullptr, nullptr,
                    context) == 1 &&
       EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(),
                                       nullptr, context) == 1 &&
       BN_nnmod(r.get(), r.get(), n.get(), context) == 1 &&
       BN_mod_mul(s.get(), r.get(), key, n.get(), context) == 1 &&
       BN_mod_add(s.get(), s.get(), e.get(), n.get(), context) == 1);
  BIGNUM* inverse = BN_mod_inverse(nullptr, nonce, n.get(), context);
  Must(inverse != nullptr &&
       BN_mod_mul(s.get(), s.get(), inverse, n.get(), context) == 1);
  BN_free(inverse);
  BN_CTX_free(context);
  return DerSignature(MinimalInteger(r.get()), MinimalInteger(s.get()));
}

// Keys that are the base point, its double and its opposite: sums meet equal
// and opposite points and the point at infinity.
void AddSpecialKeys(const CryptoCase& good, std::size_t coordinate,
                    std::vector<CryptoCase>& cases) {
  const Group group = GroupOf(coordinate);
  const Number n = OrderOf(coordinate);
  for (const int multiple : {1, 2, 3, -1, -2}) {
    Number key(BN_new(), BN_free);
    Must(BN_set_word(key.get(), static_cast<unsigned>(std::abs(multiple))) ==
         1);
    if (multiple < 0) Must(BN_sub(key.get(), n.get(), key.get()) == 1);
    const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
    Must(EC_POINT_mul(group.get(), point.get(), key.get(), nullptr, nullptr,
                      nullptr) == 1);
    const std::string spki =
        WithPoint(good.public_key, group, point, coordinate);
    for (BN_ULONG nonce = 1; nonce <= 24; ++nonce) {
      const Number k(BN_new(), BN_free);
      Must(BN_set_word(k.get(), nonce) == 1);
      const std::string digest = Random(good.digest.size());
      const std::string signature =
          SignByHand(group, key.get(), k.get(), digest, coordinate);
      cases.push_back({"SpecialKey", spki, digest, signature, Error::kOk});
      cases.push_back({"SpecialKeyOtherDigest", spki, good.digest, signature,
                       Error::kSignatureMismatch});
    }
  }
}

// u1 G + u2 Q = infinity: Q = -(u1 / u2) G = -(e / r) G, for any s.
void AddSumAtInfinity(const CryptoCase& good, std::size_t coordinate,
                      std::vector<CryptoCase>& cases) {
  const Group group = GroupOf(coordinate);
  const Number n = OrderOf(coordinate);
  const Number key(BN_bin2bn(Raw(good.digest),
                             static_cast<int>(good.digest.size()), nullptr),
                   BN_free);
  const Number one(BN_dup(BN_value_one()), BN_free);
  BN_CTX* context = BN_CTX_new();
  Must(BN_nnmod(key.get(), key.get(), n.get(), context) == 1 &&
       BN_sub(key.get(), n.get(), key.get()) == 1);  // -e, with r = 1
  BN_CTX_free(context);
  const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
  Must(EC_POINT_mul(group.get(), point.get(), key.get(), nullptr, nullptr,
                    nullptr) == 1);
  cases.push_back(
      {"SumAtInfinity", WithPoint(good.public_key, group, point, coordinate),
       good.digest,
       DerSignature(MinimalInteger(one.get()), MinimalInteger(one.get())),
       Error::kSignatureMismatch});
}

// A genuine signature whose point has an x between n and p, so that r = x - n:
// such a point is taken first and the key computed from it,
// Q = (s R - e G) / r.
void AddXAboveOrder(const CryptoCase& good, std::size_t coordinate,
                    std::vector<CryptoCase>& cases) {
  const Group group = GroupOf(coordinate);
  const Number n = OrderOf(coordinate);
  BN_CTX* context = BN_CTX_new();
  const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
  const Number r(BN_new(), BN_free);
  const Number x(BN_new(), BN_free);
  bool found = false;
  for (BN_ULONG above = 1; !found; ++above) {
    Must(BN_set_word(r.get(), above) == 1 &&
         BN_add(x.get(), n.get(), r.get()) == 1);
    found = EC_POINT_set_compressed_coordinates(group.get(), point.get(),
                                                x.get(), 1, context) == 1;
  }
  base::DrainOpenSslErrors();
  const Number s(BN_bin2bn(Raw(good.digest), 16, nullptr), BN_free);
  const Number minus_e(BN_bin2bn(Raw(good.digest),
                                 static_cast<int>(good.digest.size()), nullptr),
                       BN_free);
  BIGNUM* inverse = BN_mod_inverse(nullptr, r.get(), n.get(), context);
  const Number u(BN_new(), BN_free);
  const Number v(BN_new(), BN_free);
  const EcPoint key(EC_POINT_new(group.get()), EC_POINT_free);
  BN_set_negative(minus_e.get(), 1);
  Must(inverse != nullptr &&
       BN_mod_mul(u.get(), minus_e.get(), inverse, n.get(), context) == 1 &&
       BN_nnmod(u.get(), u.get(), n.get(), context) == 1 &&
       BN_mod_mul(v.get(), s.get(), inverse, n.get(), context) == 1 &&
       EC_POINT_mul(group.get(), key.get(), u.get(), point.get(), v.get(),
                    context) == 1);
  BN_free(inverse);
  BN_CTX_free(context);
  const std::string spki = WithPoint(good.public_key, group, key, coordinate);
  cases.push_back(
      {"XAboveOrder", spki, good.digest,
       DerSignature(MinimalInteger(r.get()), MinimalInteger(s.get())),
       Error::kOk});
  cases.push_back(
      {"XAboveOrderNotReduced", spki, good.digest,
       DerSignature(MinimalInteger(x.get()), MinimalInteger(s.get())),
       Error::kSignatureMismatch});
  const Number s_plus_n(BN_new(), BN_free);
  Must(BN_add(s_plus_n.get(), s.get(), n.get()) == 1);
  cases.push_back(
      {"SNotReduced", spki, good.digest,
       DerSignature(MinimalInteger(r.get()), MinimalInteger(s_plus_n.get())),
       Error::kSignatureMismatch});
}

// A key whose x still fits its coordinate when the prime is added: that second
// name of the same point is no key. The genuine signature is over
// e = u1 r / u2 with u1 = u2 = 1: R = G + Q, r = s = e.
void AddXAbovePrime(const CryptoCase& good, std::size_t coordinate,
                    std::vector<CryptoCase>& cases) {
  const Group group = GroupOf(coordinate);
  const Number n = OrderOf(coordinate);
  BN_CTX* context = BN_CTX_new();
  const EcPoint key(EC_POINT_new(group.get()), EC_POINT_free);
  const EcPoint sum(EC_POINT_new(group.get()), EC_POINT_free);
  const Number x(BN_new(), BN_free);
  const Number r(BN_new(), BN_free);
  const Number p(BN_new(), BN_free);
  bool found = false;
  for (BN_ULONG small = 1; !found; ++small) {
    Must(BN_set_word(x.get(), small) == 1);
    found = EC_POINT_set_compressed_coordinates(group.get(), key.get(), x.get(),
                                                1, context) == 1;
  }
  base::DrainOpenSslErrors();
  Must(EC_POINT_add(group.get(), sum.get(), key.get(),
                    EC_GROUP_get0_generator(group.get()), context) == 1 &&
       EC_POINT_get_affine_coordinates(group.get(), sum.get(), r.get(), nullptr,
                                       context) == 1 &&
       BN_nnmod(r.get(), r.get(), n.get(), context) == 1 &&
       EC_GROUP_get_curve(group.get(), p.get(), nullptr, nullptr, context) ==
           1 &&
       BN_add(p.get(), p.get(), x.get()) == 1);
  BN_CTX_free(context);
  const auto size = static_cast<int>(coordinate);
  std::string digest(coordinate, '\0');
  std::string not_reduced(coordinate, '\0');
  Must(BN_bn2binpad(r.get(), Raw(digest), size) == size &&
       BN_bn2binpad(p.get(), Raw(not_reduced), size) == size);
  const std::string signature =
      DerSignature(MinimalInteger(r.get()), MinimalInteger(r.get()));
  std::string spki = WithPoint(good.public_key, group, key, coordinate);
  cases.push_back({"KeyWithSmallX", spki, digest, signature, Error::kOk});
  spki.replace(spki.size() - 2 * coordinate, coordinate, not_reduced);
  cases.push_back(
      {"KeyXNotReduced", spki, digest, signature, Error::kKeyFormat});
}

}  // namespace

void AddSpecialPoints(const CryptoCase& good, std::size_t coordinate,
                      std::vector<CryptoCase>& cases) {
  AddSpecialKeys(good, coordinate, cases);
  AddSumAtInfinity(good, coordinate, cases);
  AddXAboveOrder(good, coordinate, cases);
  AddXAbovePrime(good, coordinate, cases);
}

}  // namespace bootseal::tests
