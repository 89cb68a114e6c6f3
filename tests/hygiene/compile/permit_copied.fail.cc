// expect: use of deleted function|call to deleted constructor
// A permit serves once: it cannot be copied.
#include <string>
#include <utility>

#include "hsm/signer.h"

namespace bootseal::hsm {

absl::StatusOr<Signature> SignIt(Signer& signer,
                                 [[maybe_unused]] SigningPermit permit,
                                 [[maybe_unused]] const std::string& digest) {
  return signer.Sign(permit);
}

}  // namespace bootseal::hsm
