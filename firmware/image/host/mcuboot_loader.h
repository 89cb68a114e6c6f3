// MCUboot's loader around the validation of an image. Source and facts:
// mcuboot_prediction.h. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_LOADER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_LOADER_H_

#include "firmware/image/host/mcuboot_slot.h"
#include "firmware/image/host/mcuboot_step.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

// What it looks at in the header before it validates.
LoaderVerdict LoadHeader(const mcuboot::Rules& rules, const SlotImage& image);

// What it does between validation and the jump.
LoaderVerdict StartImage(const mcuboot::Rules& rules, const SlotImage& image);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_LOADER_H_
