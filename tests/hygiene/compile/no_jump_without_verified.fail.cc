// expect: (could not convert|no viable conversion|no known conversion|invalid initialization).*Verified
// Guarantee 4: boot::Jump takes the proof, not a place.
#include <cstdint>
#include <utility>

#include "firmware/boot/boot.h"

namespace bootseal {

void Boot(std::uint32_t slot_address, image::Verified verified) {
  (void)slot_address;
  (void)verified;
  boot::Jump(slot_address);
}

}  // namespace bootseal
