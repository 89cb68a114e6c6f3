// Nobody but the mint makes a permit.
#include <string>
#include <utility>

#include "hsm/signer.h"

namespace bootseal::hsm {

absl::StatusOr<Signature> SignIt(Signer& signer,
                                 [[maybe_unused]] SigningPermit permit,
                                 [[maybe_unused]] const std::string& digest) {
  return signer.Sign(std::move(permit));
}

}  // namespace bootseal::hsm
