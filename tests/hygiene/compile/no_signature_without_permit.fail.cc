// expect: no known conversion for argument 1.*SigningPermit|no viable conversion
// A digest alone makes no key sign.
#include <string>
#include <utility>

#include "hsm/signer.h"

namespace bootseal::hsm {

absl::StatusOr<Signature> SignIt(Signer& signer,
                                 [[maybe_unused]] SigningPermit permit,
                                 [[maybe_unused]] const std::string& digest) {
  return signer.Sign(digest);
}

}  // namespace bootseal::hsm
