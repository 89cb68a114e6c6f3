// What the makers of the corpus share.
#ifndef BOOTSEAL_TESTS_FIRMWARE_CRYPTO_CASES_H_
#define BOOTSEAL_TESTS_FIRMWARE_CRYPTO_CASES_H_

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tests/firmware/crypto/corpus.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

// The maker of the corpus has no answer to a failing library.
inline void Must(bool worked) {
  if (!worked) std::abort();
}

inline const unsigned char* Raw(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* Raw(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

inline std::string Encoded(EVP_PKEY* key,
                           int (*encode)(const EVP_PKEY*, unsigned char**)) {
  unsigned char* der = nullptr;
  const int size = encode(key, &der);
  Must(size > 0);
  std::string bytes(reinterpret_cast<char*>(der),
                    static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

// SubjectPublicKeyInfo.
inline std::string Spki(EVP_PKEY* key) { return Encoded(key, i2d_PUBKEY); }
inline std::string SpkiOfNew(image::Algorithm algorithm) {
  return Spki(SigningKey(algorithm).get());
}

inline std::string Random(std::size_t size) {
  std::string bytes(size, '\0');
  Must(RAND_bytes(Raw(bytes), static_cast<int>(size)) == 1);
  return bytes;
}

inline std::string FlipBit(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
  return bytes;
}

// Each spoils the genuine case, cases.front(), in the ways of its algorithm.
void AddRsaCases(const SigningKey& key, std::vector<CryptoCase>& cases);
// coordinate: 32 for P-256, 48 for P-384.
void AddEcdsaCases(std::size_t coordinate, std::vector<CryptoCase>& cases);
// Cases that no random signature is: equal and opposite points, infinity, an x
// above the group order.
void AddSpecialPoints(const CryptoCase& good, std::size_t coordinate,
                      std::vector<CryptoCase>& cases);
void AddEd25519Cases(const SigningKey& key, std::vector<CryptoCase>& cases);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_CRYPTO_CASES_H_
