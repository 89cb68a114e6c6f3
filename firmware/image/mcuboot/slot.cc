#include "firmware/image/mcuboot/slot_arithmetic.h"

namespace bootseal::image::mcuboot {

std::uint32_t MaxImageEnd(const Rules& rules) {
  return arithmetic::MaxImageEnd(rules);
}

TrailerLayout LayOutTrailer(const Rules& rules) {
  return arithmetic::LayOutTrailer(rules);
}

}  // namespace bootseal::image::mcuboot
