#include "firmware/image/mcuboot/facts.h"

#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot {

std::uint32_t SecurityCounterOf(const Facts& facts) {
  return Reader(FindTlv(facts.protected_area, tlv::kSecurityCounter).value)
      .U32();
}

}  // namespace bootseal::image::mcuboot
