// Guarantee 4: only the verifier writes the seal that makes a proof intact.
#include "firmware/image/certificate/verified_package.h"

namespace bootseal {

bool Forge() {
  image::certificate::VerifiedPackage forged;
  (void)forged.trusted_counter();
  return forged.intact();
}

}  // namespace bootseal
