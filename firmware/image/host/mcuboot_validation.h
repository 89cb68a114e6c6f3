// MCUboot's bootutil_img_validate. Source and facts: mcuboot_prediction.h.
// Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_VALIDATION_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_VALIDATION_H_

#include "firmware/image/host/mcuboot_signature.h"
#include "firmware/image/host/mcuboot_slot.h"
#include "firmware/image/host/mcuboot_step.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

// As a build with that crypto library does it.
LoaderVerdict ValidateImage(const mcuboot::Rules& rules, const SlotImage& image,
                            CryptoLibrary library);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_VALIDATION_H_
