// expect: private within this context|is a private member
// Guarantee 4: only the verifier writes the seal that makes a proof intact.
#include "firmware/image/verified.h"

namespace bootseal {

bool Forge() {
  image::Verified forged;
  forged.seal_ = 0x9c5b3a66;
  return forged.intact();
}

}  // namespace bootseal
