// The one place where a decision turns into permission to sign: consumes the
// policy engine's proof, gives one permit for each of its pairs.
#ifndef BOOTSEAL_SERVER_SEALING_PERMIT_MINT_H_
#define BOOTSEAL_SERVER_SEALING_PERMIT_MINT_H_

#include <vector>

#include "hsm/permit.h"
#include "server/trust/decision.h"

namespace bootseal::server {

// In this namespace because hsm/permit.h befriends it by this name.
class PermitMint {
 public:
  PermitMint() = delete;

  // In the order of `approved.pairs()`.
  static std::vector<hsm::SigningPermit> Mint(trust::Approved approved) {
    std::vector<hsm::SigningPermit> permits;
    for (const trust::KeyDigest& pair : approved.pairs()) {
      permits.push_back(hsm::SigningPermit(
          pair.key, pair.digest,
          pair.pure ? hsm::Signs::kMessage : hsm::Signs::kDigest));
    }
    return permits;
  }
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_SEALING_PERMIT_MINT_H_
