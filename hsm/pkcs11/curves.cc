#include "hsm/pkcs11/curves.h"

#include <openssl/objects.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
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
    {Algorithm::kBrainpoolP256t1, CKK_EC, CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, 0,
     "06092b2403030208010108"},
};

// DER PrintableString, as PKCS#11 3.0 allows.
constexpr char kEdwards25519Name[] = "130c656477617264733235353139";

// As OpenSSL calls the OID; `hex` of what it does not know.
std::string NameOfParameters(absl::string_view parameters,
                             const std::string& hex) {
  const auto* cursor =
      reinterpret_cast<const unsigned char*>(parameters.data());
  const base::OpenSslPtr<ASN1_OBJECT, ASN1_OBJECT_free> object(
      d2i_ASN1_OBJECT(nullptr, &cursor, static_cast<long>(parameters.size())));
  base::DrainOpenSslErrors();
  const int known = object ? OBJ_obj2nid(object.get()) : NID_undef;
  return known == NID_undef ? hex : OBJ_nid2sn(known);
}

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
  return base::Precondition(
      "KEY_TYPE",
      absl::StrCat(
          "the key's curve is ", NameOfParameters(parameters, hex),
          ", expected P-256, P-384, Ed25519 or, of brainpool's, the twisted "
          "brainpoolP256t1"));
}

}  // namespace bootseal::hsm::pkcs11
