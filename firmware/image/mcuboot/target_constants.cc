// What follows from the rules of a target, for any rules.
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/slot_arithmetic.h"

namespace bootseal::image::mcuboot {

std::uint32_t MaxImageEnd(const Rules& rules) {
  return arithmetic::MaxImageEnd(rules);
}

TrailerLayout LayOutTrailer(const Rules& rules) {
  return arithmetic::LayOutTrailer(rules);
}

TrailerMagicBytes TrailerMagic(const Rules& rules) {
  return TrailerMagicOf(rules.max_align);
}

namespace checks {

const AlgorithmTraits* TargetTraits(const Rules& rules) {
  return TraitsOf(rules.algorithm);
}

}  // namespace checks
}  // namespace bootseal::image::mcuboot
