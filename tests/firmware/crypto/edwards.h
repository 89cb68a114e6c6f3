// Ed25519's curve (RFC 8032, 5.1), slowly: affine points over OpenSSL's
// numbers, for keys and signatures that no signer makes. Not thread-safe.
#ifndef BOOTSEAL_TESTS_FIRMWARE_CRYPTO_EDWARDS_H_
#define BOOTSEAL_TESTS_FIRMWARE_CRYPTO_EDWARDS_H_

#include <optional>
#include <string>

#include "tests/firmware/crypto/cases.h"

namespace bootseal::tests {

// A number below p = 2^255 - 19.
class FieldElement {
 public:
  explicit FieldElement(unsigned long value);
  // Little-endian, modulo p.
  explicit FieldElement(const std::string& bytes);
  FieldElement(const FieldElement& other) : number_(Copy(other)) {}
  FieldElement& operator=(const FieldElement& other) {
    number_ = Copy(other);
    return *this;
  }

  FieldElement operator+(const FieldElement& b) const;
  FieldElement operator-(const FieldElement& b) const;
  FieldElement operator*(const FieldElement& b) const;
  FieldElement operator/(const FieldElement& b) const;
  // One of the two; nothing for a number that has none.
  std::optional<FieldElement> Root() const;
  std::string bytes() const;  // 32, little-endian
  bool odd() const { return BN_is_odd(number_.get()) == 1; }

 private:
  explicit FieldElement(Number number) : number_(std::move(number)) {}
  static Number Copy(const FieldElement& other) {
    return Number(BN_dup(other.number_.get()), BN_free);
  }

  Number number_;
};

struct EdwardsPoint {
  FieldElement x{0};
  FieldElement y{1};
};

EdwardsPoint Sum(const EdwardsPoint& a, const EdwardsPoint& b);
EdwardsPoint Times(const BIGNUM* factor, EdwardsPoint point);
std::string Encode(const EdwardsPoint& point);
// Whatever y is, and -0 as well; nothing when no point has that y.
std::optional<EdwardsPoint> Decode(const std::string& encoded);

// L.
Number EdwardsOrder();
// 2^255 - 19 + offset.
std::string EncodedPrimePlus(unsigned offset);
// The point of order 8 that has an even x, this many times.
EdwardsPoint Torsion(unsigned times);

// A = a B + key_torsion T and R = r B + r_torsion T, T of order 8.
struct Ed25519Parts {
  Number a;
  unsigned key_torsion = 0;
  Number r;
  unsigned r_torsion = 0;
  std::string key_encoding = "";  // unless empty, what stands for A
  std::string r_encoding = "";    // or for R
};

struct MadeEd25519 {
  CryptoCase parts;  // its verdict is for the caller to set
  // Whether S B - k A is R: whoever lets any point pass accepts it, unless R is
  // encoded otherwise. Where it is false, only 8 times both sides are equal.
  bool holds = false;
};

// Over a digest of 32 bytes for which it holds, if there is one.
MadeEd25519 MakeEd25519(const Ed25519Parts& parts);

// What OpenSSL itself says of a raw key.
bool OpenSslVerifies(const CryptoCase& c);

Number NumberOf(unsigned long value);
// Below L.
Number RandomScalar();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_CRYPTO_EDWARDS_H_
