// Key pairs made on the spot, for tests that play the HSM.
#ifndef BOOTSEAL_TESTS_SUPPORT_SIGNING_KEY_H_
#define BOOTSEAL_TESTS_SUPPORT_SIGNING_KEY_H_

#include <string>

#include "base/openssl.h"
#include "firmware/image/crypto.h"

namespace bootseal::tests {

// A fresh key of one algorithm. RSA takes a second: share it within a program
// with SharedKey(). Not thread-safe.
class SigningKey {
 public:
  explicit SigningKey(image::Algorithm algorithm);

  image::Algorithm algorithm() const { return algorithm_; }
  // DER as the device compares it: PKCS#1 for RSA, SubjectPublicKeyInfo else.
  const std::string& public_key() const { return public_key_; }
  // As MCUboot wants it: PSS with salt = hash length, minimal DER, or Ed25519
  // over the digest as message.
  std::string Sign(image::Bytes digest) const;

  EVP_PKEY* get() const { return key_.get(); }

 private:
  image::Algorithm algorithm_;
  base::EvpKeyPtr key_;
  std::string public_key_;
};

// SubjectPublicKeyInfo of a fresh key on what OpenSSL calls `curve`: for tests
// of curves that nobody signs with.
std::string PublicKeyOn(const char* curve);

// One key of each algorithm for the whole program.
const SigningKey& SharedKey(image::Algorithm algorithm);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_SIGNING_KEY_H_
