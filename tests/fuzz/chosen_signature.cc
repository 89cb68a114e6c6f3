#include "tests/fuzz/chosen_signature.h"

#include <openssl/ec.h>

#include "tests/firmware/crypto/ecdsa_parts.h"

namespace bootseal::tests {
namespace {

Number New() { return Number(BN_new(), BN_free); }

using Context = std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)>;

Number Reduced(const BIGNUM* number, const BIGNUM* n, BN_CTX* context) {
  Number reduced = New();
  Must(BN_nnmod(reduced.get(), number, n, context) == 1);
  return reduced;
}

Number Quotient(const BIGNUM* a, const BIGNUM* b, const BIGNUM* n,
                BN_CTX* context) {
  Number quotient = New();
  Must(BN_mod_inverse(quotient.get(), b, n, context) != nullptr &&
       BN_mod_mul(quotient.get(), quotient.get(), a, n, context) == 1);
  return quotient;
}

Number XModuloOrder(const EC_GROUP* group, const EC_POINT* point,
                    BN_CTX* context) {
  const Number x = New();
  Must(EC_POINT_get_affine_coordinates(group, point, x.get(), nullptr,
                                       context) == 1);
  return Reduced(x.get(), EC_GROUP_get0_order(group), context);
}

std::string Fixed(const BIGNUM* number, std::size_t size) {
  std::string bytes(size, '\0');
  Must(BN_bn2binpad(number, Raw(bytes), static_cast<int>(size)) >= 0);
  return bytes;
}

std::string Signature(const BIGNUM* r, const BIGNUM* s) {
  return DerSignature(MinimalInteger(r), MinimalInteger(s));
}

}  // namespace

// u1 = e / s, u2 = r / s, d = (s k - e) / r
std::optional<ChosenScalars> ScalarsOf(const BIGNUM* nonce, const BIGNUM* s,
                                       const BIGNUM* digest,
                                       std::size_t coordinate) {
  const Group group = GroupOf(coordinate);
  const BIGNUM* n = EC_GROUP_get0_order(group.get());
  const Context owner(BN_CTX_new(), BN_CTX_free);
  BN_CTX* context = owner.get();
  const Number k = Reduced(nonce, n, context);
  const Number e = Reduced(digest, n, context);
  const Number divisor = Reduced(s, n, context);
  if (BN_is_zero(k.get()) || BN_is_zero(divisor.get())) return std::nullopt;

  const EcPoint point(EC_POINT_new(group.get()), EC_POINT_free);
  Must(EC_POINT_mul(group.get(), point.get(), k.get(), nullptr, nullptr,
                    context) == 1);
  const Number r = XModuloOrder(group.get(), point.get(), context);
  if (BN_is_zero(r.get())) return std::nullopt;
  const Number d = New();
  Must(BN_mod_mul(d.get(), divisor.get(), k.get(), n, context) == 1 &&
       BN_mod_sub(d.get(), d.get(), e.get(), n, context) == 1);
  return ChosenScalars{Quotient(d.get(), r.get(), n, context),
                       Quotient(e.get(), divisor.get(), n, context),
                       Quotient(r.get(), divisor.get(), n, context)};
}

std::optional<ChosenSignature> SignatureThrough(const ChosenScalars& chosen,
                                                std::size_t coordinate) {
  const Group group = GroupOf(coordinate);
  const BIGNUM* n = EC_GROUP_get0_order(group.get());
  const Context owner(BN_CTX_new(), BN_CTX_free);
  BN_CTX* context = owner.get();
  const Number d = Reduced(chosen.key.get(), n, context);
  const Number u1 = Reduced(chosen.for_base.get(), n, context);
  const Number u2 = Reduced(chosen.for_key.get(), n, context);
  if (BN_is_zero(d.get()) || BN_is_zero(u2.get())) return std::nullopt;

  const EcPoint key(EC_POINT_new(group.get()), EC_POINT_free);
  const EcPoint sum(EC_POINT_new(group.get()), EC_POINT_free);
  Must(EC_POINT_mul(group.get(), key.get(), d.get(), nullptr, nullptr,
                    context) == 1 &&
       EC_POINT_mul(group.get(), sum.get(), u1.get(), key.get(), u2.get(),
                    context) == 1);
  if (EC_POINT_is_at_infinity(group.get(), sum.get())) return std::nullopt;

  // r = x, s = r / u2, e = u1 s
  const Number r = XModuloOrder(group.get(), sum.get(), context);
  if (BN_is_zero(r.get())) return std::nullopt;
  const Number s = Quotient(r.get(), u2.get(), n, context);
  const Number e = New();
  Must(BN_mod_mul(e.get(), s.get(), u1.get(), n, context) == 1);

  std::string octets(1 + 2 * coordinate, '\0');
  Must(EC_POINT_point2oct(group.get(), key.get(), POINT_CONVERSION_UNCOMPRESSED,
                          Raw(octets), octets.size(),
                          context) == octets.size());
  ChosenSignature made{octets.substr(1),
                       Fixed(e.get(), coordinate),
                       Signature(r.get(), s.get()),
                       {}};
  const Number r_plus_n = New();
  const Number s_plus_n = New();
  Must(BN_add(r_plus_n.get(), r.get(), n) == 1 &&
       BN_add(s_plus_n.get(), s.get(), n) == 1);
  const int bits = static_cast<int>(8 * coordinate);
  if (BN_num_bits(r_plus_n.get()) <= bits) {
    made.not_reduced.push_back(Signature(r_plus_n.get(), s.get()));
  }
  if (BN_num_bits(s_plus_n.get()) <= bits) {
    made.not_reduced.push_back(Signature(r.get(), s_plus_n.get()));
  }
  return made;
}

}  // namespace bootseal::tests
