#include "tests/firmware/crypto/edwards.h"

#include <openssl/sha.h>

#include <array>
#include <utility>

#include "base/openssl.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

BN_CTX* Context() {
  static BN_CTX* const context = BN_CTX_new();
  return context;
}

const BIGNUM* Prime() {
  static const BIGNUM* const prime = [] {
    BIGNUM* number = BN_new();
    Must(BN_set_bit(number, 255) == 1 && BN_sub_word(number, 19) == 1);
    return number;
  }();
  return prime;
}

Number New() { return Number(BN_new(), BN_free); }

Number FromLittleEndian(const std::string& bytes) {
  return Number(
      BN_lebin2bn(Raw(bytes), static_cast<int>(bytes.size()), nullptr),
      BN_free);
}

std::string LittleEndian(const BIGNUM* number) {
  std::string bytes(32, '\0');
  Must(BN_bn2lebinpad(number, Raw(bytes), 32) == 32);
  return bytes;
}

const FieldElement& D() {
  static const FieldElement d =
      FieldElement(0) - FieldElement(121665) / FieldElement(121666);
  return d;
}

EdwardsPoint Base() {
  static const EdwardsPoint base =
      *Decode(std::string(1, '\x58') + std::string(31, '\x66'));
  return base;
}

// The multiples 2^i B make it bearable.
EdwardsPoint TimesBase(const BIGNUM* factor) {
  static const auto* powers = [] {
    auto* made = new std::vector<EdwardsPoint>{Base()};
    while (made->size() < 256) {
      made->push_back(Sum(made->back(), made->back()));
    }
    return made;
  }();
  EdwardsPoint sum;
  for (int bit = 0; bit < BN_num_bits(factor); ++bit) {
    if (BN_is_bit_set(factor, bit) == 0) continue;
    sum = Sum(sum, (*powers)[static_cast<std::size_t>(bit)]);
  }
  return sum;
}

// k = SHA-512(R || A || message) modulo L.
Number Challenge(const std::string& r, const std::string& key,
                 const std::string& message) {
  const std::string text = r + key + message;
  std::string digest(SHA512_DIGEST_LENGTH, '\0');
  SHA512(Raw(text), text.size(), Raw(digest));
  Number k = New();
  Must(BN_mod(k.get(), FromLittleEndian(digest).get(), EdwardsOrder().get(),
              Context()) == 1);
  return k;
}

}  // namespace

FieldElement::FieldElement(unsigned long value) : number_(NumberOf(value)) {}

FieldElement::FieldElement(const std::string& bytes) : number_(New()) {
  Must(BN_mod(number_.get(), FromLittleEndian(bytes).get(), Prime(),
              Context()) == 1);
}

FieldElement FieldElement::operator+(const FieldElement& b) const {
  Number out = New();
  Must(BN_mod_add(out.get(), number_.get(), b.number_.get(), Prime(),
                  Context()) == 1);
  return FieldElement(std::move(out));
}

FieldElement FieldElement::operator-(const FieldElement& b) const {
  Number out = New();
  Must(BN_mod_sub(out.get(), number_.get(), b.number_.get(), Prime(),
                  Context()) == 1);
  return FieldElement(std::move(out));
}

FieldElement FieldElement::operator*(const FieldElement& b) const {
  Number out = New();
  Must(BN_mod_mul(out.get(), number_.get(), b.number_.get(), Prime(),
                  Context()) == 1);
  return FieldElement(std::move(out));
}

FieldElement FieldElement::operator/(const FieldElement& b) const {
  Number inverse = New();
  Must(BN_mod_inverse(inverse.get(), b.number_.get(), Prime(), Context()) !=
       nullptr);
  return *this * FieldElement(std::move(inverse));
}

std::optional<FieldElement> FieldElement::Root() const {
  if (BN_is_zero(number_.get()) == 1) return *this;
  Number root = New();
  if (BN_mod_sqrt(root.get(), number_.get(), Prime(), Context()) == nullptr) {
    base::DrainOpenSslErrors();
    return std::nullopt;
  }
  return FieldElement(std::move(root));
}

std::string FieldElement::bytes() const { return LittleEndian(number_.get()); }

EdwardsPoint Sum(const EdwardsPoint& a, const EdwardsPoint& b) {
  const FieldElement one(1);
  const FieldElement product = D() * a.x * b.x * a.y * b.y;
  return {(a.x * b.y + a.y * b.x) / (one + product),
          (a.y * b.y + a.x * b.x) / (one - product)};
}

EdwardsPoint Times(const BIGNUM* factor, EdwardsPoint point) {
  EdwardsPoint sum;
  for (int bit = 0; bit < BN_num_bits(factor); ++bit) {
    if (BN_is_bit_set(factor, bit) == 1) sum = Sum(sum, point);
    point = Sum(point, point);
  }
  return sum;
}

std::string Encode(const EdwardsPoint& point) {
  const std::string y = point.y.bytes();
  return point.x.odd() ? FlipBit(y, 255) : y;
}

std::optional<EdwardsPoint> Decode(const std::string& encoded) {
  const bool odd = (encoded.back() & 0x80) != 0;
  const FieldElement y(odd ? FlipBit(encoded, 255) : encoded);
  const FieldElement one(1);
  const auto x = ((y * y - one) / (D() * y * y + one)).Root();
  if (!x) return std::nullopt;
  return EdwardsPoint{x->odd() == odd ? *x : FieldElement(0) - *x, y};
}

Number EdwardsOrder() {
  BIGNUM* order = nullptr;
  Must(BN_dec2bn(&order,
                 "7237005577332262213973186563042994240857116359379907606001950"
                 "938285454250989") > 0);
  return Number(order, BN_free);
}

std::string EncodedPrimePlus(unsigned offset) {
  const Number sum(BN_dup(Prime()), BN_free);
  Must(BN_add_word(sum.get(), offset) == 1);
  return LittleEndian(sum.get());
}

EdwardsPoint Torsion(unsigned times) {
  static const auto* torsion = [] {
    const EdwardsPoint first = *Decode(
        std::string("\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef"
                    "\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88"
                    "\x6d\x53\xfc\x05"));
    auto* made = new std::array<EdwardsPoint, 8>;
    for (std::size_t i = 1; i < made->size(); ++i) {
      (*made)[i] = Sum((*made)[i - 1], first);
    }
    return made;
  }();
  return (*torsion)[times % 8];
}

MadeEd25519 MakeEd25519(const Ed25519Parts& parts) {
  const std::string key =
      parts.key_encoding.empty()
          ? Encode(Sum(TimesBase(parts.a.get()), Torsion(parts.key_torsion)))
          : parts.key_encoding;
  const std::string r =
      parts.r_encoding.empty()
          ? Encode(Sum(TimesBase(parts.r.get()), Torsion(parts.r_torsion)))
          : parts.r_encoding;
  MadeEd25519 made;
  Number k = New();
  for (int left = 200; left > 0 && !made.holds; --left) {
    made.parts.digest = Random(32);
    k = Challenge(r, key, made.parts.digest);
    const auto rest = static_cast<unsigned>(BN_mod_word(k.get(), 8));
    made.holds = (rest * parts.key_torsion + parts.r_torsion) % 8 == 0;
  }
  Number s = New();
  Must(BN_mod_mul(s.get(), k.get(), parts.a.get(), EdwardsOrder().get(),
                  Context()) == 1 &&
       BN_mod_add(s.get(), s.get(), parts.r.get(), EdwardsOrder().get(),
                  Context()) == 1);
  const auto prefix = image::RawPublicKeyPrefix(image::Algorithm::kEd25519);
  made.parts.public_key = image::host::ToString(prefix) + key;
  made.parts.signature = r + LittleEndian(s.get());
  return made;
}

bool OpenSslVerifies(const CryptoCase& c) {
  const base::EvpKeyPtr key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, Raw(c.public_key) + c.public_key.size() - 32,
      32));
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  const bool good =
      key && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                           key.get()) == 1 &&
      EVP_DigestVerify(context.get(), Raw(c.signature), c.signature.size(),
                       Raw(c.digest), c.digest.size()) == 1;
  base::DrainOpenSslErrors();
  return good;
}

Number NumberOf(unsigned long value) {
  Number number = New();
  Must(BN_set_word(number.get(), value) == 1);
  return number;
}

Number RandomScalar() {
  Number scalar = New();
  Must(BN_rand_range(scalar.get(), EdwardsOrder().get()) == 1);
  return scalar;
}

}  // namespace bootseal::tests
