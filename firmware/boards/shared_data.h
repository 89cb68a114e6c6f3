// The RAM in which a board's bootloader hands data on to what it starts. Its
// memory.ld keeps the bootloader's own RAM, which is wiped before the jump, out
// of it. The linker names what is missing.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_SHARED_DATA_H_
#define BOOTSEAL_FIRMWARE_BOARDS_SHARED_DATA_H_

#include "firmware/image/bytes.h"

namespace bootseal::boards {

// Where TF-M's region_defs.h of the board has BOOT_TFM_SHARED_DATA: its secure
// image reads it there.
image::MutableBytes SharedDataArea();

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_SHARED_DATA_H_
