// A self-signed X.509 certificate of an RSA key in a token: what devices hold
// of a key that signs UEFI capsules. Thread-safe: free functions.
#ifndef BOOTSEAL_HSM_CERTIFICATE_H_
#define BOOTSEAL_HSM_CERTIFICATE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "hsm/public_key.h"

namespace bootseal::hsm {

struct CertificateContent {
  std::string common_name;  // 1 to 64 bytes of printable ASCII
  absl::Time not_before;
  absl::Time not_after;
};

// RSASSA-PKCS1-v1_5 over a SHA-256 digest.
using SignDigest =
    absl::FunctionRef<absl::StatusOr<std::string>(absl::string_view digest)>;

// PEM, version 3, a random serial, sha256WithRSAEncryption; verified before it
// is returned. INVALID_ARGUMENT (COMMON_NAME), (VALIDITY); FAILED_PRECONDITION
// (KEY_TYPE) for another key than RSA; INTERNAL (SIGNATURE_WRONG).
absl::StatusOr<std::string> SelfSignedCertificate(
    const PublicKey& key, const CertificateContent& content, SignDigest sign);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_CERTIFICATE_H_
