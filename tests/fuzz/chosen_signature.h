// ECDSA signatures made backwards: the point that a verifier computes is chosen
// first, and then the digest and signature that lead there.
#ifndef BOOTSEAL_TESTS_FUZZ_CHOSEN_SIGNATURE_H_
#define BOOTSEAL_TESTS_FUZZ_CHOSEN_SIGNATURE_H_

#include <optional>
#include <string>
#include <vector>

#include "tests/firmware/crypto/cases.h"

namespace bootseal::tests {

// Taken modulo the group order n.
struct ChosenScalars {
  Number key;       // d, of the public key Q = d G
  Number for_base;  // u1
  Number for_key;   // u2
};

struct ChosenSignature {
  std::string point;  // X || Y of Q
  std::string digest;
  std::string signature;
  // With r + n or s + n instead, where that still fits a coordinate.
  std::vector<std::string> not_reduced;
};

// Those of the signature with this s over this digest that a nonce k gives.
// Nothing where one of them would be 0.
std::optional<ChosenScalars> ScalarsOf(const BIGNUM* nonce, const BIGNUM* s,
                                       const BIGNUM* digest,
                                       std::size_t coordinate);

// What verifies by u1 G + u2 Q. Nothing where no signature leads there: d or u2
// is 0, or the sum is the point at infinity or has an x of 0 modulo n.
std::optional<ChosenSignature> SignatureThrough(const ChosenScalars& chosen,
                                                std::size_t coordinate);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FUZZ_CHOSEN_SIGNATURE_H_
