#include "hsm/pkcs11/curves.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm::pkcs11 {
namespace {

constexpr Names kNames[] = {
    {Algorithm::kRsa2048, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS_PSS,
     2048, ""},
    {Algorithm::kRsa3072, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS_PSS,
     3072, ""},
    {Algorithm::kP256, CKK_EC, CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, 0,
     "06082a8648ce3d030107"},
    {Algorithm::kP384, CKK_EC, CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, 0,
     "06052b81040022"},
    {Algorithm::kEd25519, CKK_EC_EDWARDS, CKM_EC_EDWARDS_KEY_PAIR_GEN,
     CKM_EDDSA, 0, "06032b6570"},
};

// DER PrintableString, as PKCS#11 3.0 allows.
constexpr char kEdwards25519Name[] = "130c656477617264733235353139";

}  // namespace

const Names& NamesOf(Algorithm algorithm) {
  for (const Names& names : kNames) {
    if (names.algorithm == algorithm) return names;
  }
  return kNames[0];
}

absl::StatusOr<Algorithm> CurveAlgorithm(absl::string_view parameters) {
  const std::string hex = absl::BytesToHexString(parameters);
  if (hex == kEdwards25519Name) return Algorithm::kEd25519;
  for (const Names& names : kNames) {
    if (hex == names.ec_parameters) return names.algorithm;
  }
  return base::Precondition("KEY_TYPE",
                            absl::StrCat("the key's curve is ", hex,
                                         ", expected P-256, P-384 or Ed25519"));
}

}  // namespace bootseal::hsm::pkcs11
