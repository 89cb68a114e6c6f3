// Public keys as the format of a first stage lists them.
#ifndef BOOTSEAL_TESTS_SUPPORT_KEY_TABLE_H_
#define BOOTSEAL_TESTS_SUPPORT_KEY_TABLE_H_

#include <openssl/pem.h>

#include <string>
#include <vector>

#include "base/openssl.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {

// Of a SubjectPublicKeyInfo in DER.
inline std::string PemOf(const std::string& spki) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), PEM_STRING_PUBLIC, "",
                reinterpret_cast<const unsigned char*>(spki.data()),
                static_cast<long>(spki.size()));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// P-256, as many as a chip has places for; the same in the whole program.
inline const std::vector<SigningKey>& EightKeys() {
  static const auto* keys = [] {
    auto* made = new std::vector<SigningKey>;
    for (int i = 0; i < 8; ++i) made->emplace_back(image::Algorithm::kP256);
    return made;
  }();
  return *keys;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_KEY_TABLE_H_
