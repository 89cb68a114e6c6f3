// Guarantee 4: only the verifier writes the seal that makes a proof intact.
#include "firmware/image/verified.h"

namespace bootseal {

bool Forge() {
  image::Verified forged;
  (void)forged.payload_offset();
  return forged.intact();
}

}  // namespace bootseal
