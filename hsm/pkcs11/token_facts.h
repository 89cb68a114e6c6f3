// What a module and its token say of themselves (PKCS#11 2.40 sections 3.1 and
// 3.2). Thread-safe: a free function.
#ifndef BOOTSEAL_HSM_PKCS11_TOKEN_FACTS_H_
#define BOOTSEAL_HSM_PKCS11_TOKEN_FACTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "hsm/pkcs11/session_pool.h"

namespace bootseal::hsm::pkcs11 {

// Unpadded; other people's text, to be escaped before it is printed. Versions
// are "MAJOR.MINOR".
struct TokenFacts {
  std::string library_manufacturer;
  std::string library_description;
  std::string library_version;
  std::string manufacturer;
  std::string model;
  std::string serial;
  std::string label;
  std::string hardware_version;
  std::string firmware_version;
};

// Of the session's token. Errors as in error.h.
absl::StatusOr<TokenFacts> ReadTokenFacts(const Session& session);

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_TOKEN_FACTS_H_
