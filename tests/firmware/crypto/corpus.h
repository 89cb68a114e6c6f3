// Signatures good and bad, made by OpenSSL, with the verdict that every backend
// of image/crypto.h must give.
#ifndef BOOTSEAL_TESTS_FIRMWARE_CRYPTO_CORPUS_H_
#define BOOTSEAL_TESTS_FIRMWARE_CRYPTO_CORPUS_H_

#include <string>
#include <vector>

#include "firmware/image/crypto.h"

namespace bootseal::tests {

struct CryptoCase {
  std::string name;
  std::string public_key;
  std::string digest;
  std::string signature;
  image::Error verdict = image::Error::kOk;
};

// With a fresh key.
CryptoCase GenuineCase(image::Algorithm algorithm);
// With fresh keys, the genuine case among them.
std::vector<CryptoCase> CryptoCorpus(image::Algorithm algorithm);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_CRYPTO_CORPUS_H_
