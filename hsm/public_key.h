// The public half of a key: its encodings, and verification.
#ifndef BOOTSEAL_HSM_PUBLIC_KEY_H_
#define BOOTSEAL_HSM_PUBLIC_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "hsm/algorithm.h"

namespace bootseal::hsm {

// Immutable and thread-safe. Construction checks that the algorithm is one of
// those of algorithm.h and that the point is on the curve; FAILED_PRECONDITION
// (KEY_TYPE).
class PublicKey {
 public:
  static absl::StatusOr<PublicKey> FromKey(base::EvpKeyPtr key);
  // Big endian; leading zeros are fine.
  static absl::StatusOr<PublicKey> FromRsa(absl::string_view modulus,
                                           absl::string_view exponent);
  // The three encodings of CKA_EC_POINT in the wild: a DER OCTET STRING around
  // the point, the bare point, SubjectPublicKeyInfo. Uncompressed points.
  static absl::StatusOr<PublicKey> FromPoint(Algorithm algorithm,
                                             absl::string_view point);

  Algorithm algorithm() const { return algorithm_; }
  // DER as the device compares it: PKCS#1 RSAPublicKey (RFC 8017 A.1.1) for
  // RSA, SubjectPublicKeyInfo (RFC 5280) otherwise.
  const std::string& device_der() const { return device_der_; }
  // SubjectPublicKeyInfo.
  const std::string& spki() const { return spki_; }
  std::string Pem() const;
  // Uncompressed point (65, 97 bytes), raw key (32) or modulus.
  std::string Raw() const;
  // Bytes of a signature as the token makes it: modulus length, 64 or 96.
  std::size_t token_signature_size() const { return token_signature_size_; }

  // `signature` in the image's encoding: PSS with a salt of the hash's length
  // over the digest (or PKCS #1 v1.5), ECDSA as DER over the digest, Ed25519
  // over the message.
  bool Verifies(absl::string_view message, absl::string_view signature,
                RsaPadding padding = RsaPadding::kPss) const;

 private:
  PublicKey() = default;

  Algorithm algorithm_ = Algorithm::kP256;
  base::EvpKeyPtr key_;
  std::string device_der_;
  std::string spki_;
  std::size_t token_signature_size_ = 0;
};

// Hash of a device DER with the image's hash: SHA-256, SHA-384 for P-384; raw.
std::string KeyHash(Algorithm algorithm, absl::string_view device_der);
// Raw.
std::string Sha256(absl::string_view data);
std::string Sha512(absl::string_view data);

// r || s, each half as long as the whole, as minimal DER (RFC 3279 2.2.3).
absl::StatusOr<std::string> EcdsaDer(absl::string_view raw);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_PUBLIC_KEY_H_
