// This program's own mint of permits; the server's is not linked here.
#ifndef BOOTSEAL_TESTS_HSM_PERMIT_MINT_H_
#define BOOTSEAL_TESTS_HSM_PERMIT_MINT_H_

#include <string>

#include "hsm/permit.h"

namespace bootseal::server {

class PermitMint {
 public:
  static hsm::SigningPermit Mint(const std::string& key,
                                 const std::string& digest) {
    return hsm::SigningPermit(key, digest);
  }
  static hsm::SigningPermit MintForMessage(const std::string& key,
                                           const std::string& digest) {
    return hsm::SigningPermit(key, digest, hsm::Signs::kMessage);
  }
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_TESTS_HSM_PERMIT_MINT_H_
