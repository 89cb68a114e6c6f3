// IWDG2, the independent watchdog that U-Boot and Linux feed as well (RM0436,
// chapter IWDG): it runs from the internal 32 kHz, and nothing stops it before
// a reset. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_WATCHDOG_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_WATCHDOG_H_

#include <cstdint>

namespace bootseal::boards::stm32mp {

// At most 32 seconds; OTP may have started it before. False: it did not take
// the time, so that its clock is not running.
bool StartIwdg(std::uint32_t seconds);
void FeedIwdg();

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_WATCHDOG_H_
