// Public keys in the forms that people and builds ask for.
//
// The device form is DER as the device compares it: PKCS#1 RSAPublicKey for
// RSA, SubjectPublicKeyInfo otherwise (facts: mcuboot 1.9).
#ifndef BOOTSEAL_CLIENT_CLI_PUBLIC_KEY_H_
#define BOOTSEAL_CLIENT_CLI_PUBLIC_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/keys.pb.h"

namespace bootseal::cli {

// "rsa3072", "p256", ... as in the names of bootloaders.
std::string AlgorithmName(v1::Algorithm algorithm);

// SubjectPublicKeyInfo in PEM. FAILED_PRECONDITION (KEY_INVALID).
absl::StatusOr<std::string> ToPem(v1::Algorithm algorithm,
                                  absl::string_view device_der);

// A C array of the device form, as imgtool's getpub lays it out.
std::string ToCArray(v1::Algorithm algorithm, absl::string_view device_der);

struct PublicKey {
  v1::Algorithm algorithm = v1::ALGORITHM_UNSPECIFIED;
  std::string device_der;
};

// From PEM, "PUBLIC KEY" or "RSA PUBLIC KEY". FAILED_PRECONDITION (KEY_INVALID)
// also for algorithms that no target can have.
absl::StatusOr<PublicKey> FromPem(absl::string_view pem);

// With the hash that images of this algorithm have: SHA-384 for P-384,
// otherwise SHA-256.
std::string KeyHash(const PublicKey& key);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PUBLIC_KEY_H_
