// What is written into the shared area, apart from where it lies. Facts:
// mcuboot 3.6.
#ifndef BOOTSEAL_FIRMWARE_BOOT_MEASURED_BOOT_H_
#define BOOTSEAL_FIRMWARE_BOOT_MEASURED_BOOT_H_

#include "firmware/boot/device.h"
#include "firmware/image/bytes.h"

namespace bootseal::boot {

// As TF-M's bootloader with firmware update: of each image its boot record and
// its version.
image::Error WriteAsTfm(const Handover& handover, image::MutableBytes area);

// As MCUboot with MCUBOOT_DATA_SHARING_BOOTINFO: of each image its boot record,
// and behind the first one what the bootloader says of itself. Its version is
// left out, as MCUboot does without one: this is not MCUboot. `running_slot`:
// of image 0.
image::Error WriteAsMcuboot(const Handover& handover, std::uint8_t running_slot,
                            image::MutableBytes area);

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_MEASURED_BOOT_H_
