// TLV numbers as people call them.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_TLV_NAMES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_TLV_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::image::host {

// MCUboot's name without prefix, "BOOT_RECORD" for 0x60; "VENDOR" for 0xa0 and
// above; "UNKNOWN" for the rest. Facts: mcuboot 1.5.
absl::string_view NameOfTlv(std::uint16_t type);

// "BOOT_RECORD TLV (0x60)".
std::string DescribeTlv(std::uint16_t type);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_TLV_NAMES_H_
