// expect: private within this context|is a private member
// Guarantee 4: only the verifier writes the seal that makes a proof intact.
#include "firmware/image/certificate/verified_package.h"

namespace bootseal {

bool Forge() {
  image::certificate::VerifiedPackage forged;
  forged.seal_ = 0x63d1a84e;
  return forged.intact();
}

}  // namespace bootseal
