// What PKCS#11 calls our algorithms (2.40 section 2, 3.0 section 2.3).
#ifndef BOOTSEAL_HSM_PKCS11_CURVES_H_
#define BOOTSEAL_HSM_PKCS11_CURVES_H_

#include <p11-kit/pkcs11.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hsm/algorithm.h"

namespace bootseal::hsm::pkcs11 {

struct Names {
  Algorithm algorithm;
  CK_KEY_TYPE key_type;
  CK_MECHANISM_TYPE generate;
  CK_MECHANISM_TYPE sign;
  CK_ULONG modulus_bits;      // 0 unless RSA
  const char* ec_parameters;  // hex of the DER OID; "" for RSA
};

const Names& NamesOf(Algorithm algorithm);

inline CK_MECHANISM_TYPE SigningMechanism(Algorithm algorithm) {
  return NamesOf(algorithm).sign;
}

// CKA_EC_PARAMS: an OID, or for Ed25519 the printable string "edwards25519".
// FAILED_PRECONDITION (KEY_TYPE).
absl::StatusOr<Algorithm> CurveAlgorithm(absl::string_view parameters);

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_CURVES_H_
