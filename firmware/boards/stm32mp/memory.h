// DDR: somebody has to start it before images can be loaded. What that takes
// is a board's own: its power chip, the type and timing of its parts, and the
// address space controller (TZC) in front of them. Chosen at link time:
// inherited_memory.cc, which starts nothing and asks whether an earlier stage
// did, or a source of the integrator's with this function (CMake:
// BOOTSEAL_STM32MP_MEMORY).
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_MEMORY_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_MEMORY_H_

#include "firmware/image/result.h"

namespace bootseal::boards::stm32mp {

// kOk only when all of kChip.memory_bytes works, and the secure world may read
// and write it. kMemory.
image::Error OpenMemory();

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_MEMORY_H_
