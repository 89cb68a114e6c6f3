// Clocks and pins of what the second stage uses. All of it runs from the
// internal oscillator HSI, which is there whatever the boot ROM did with the
// PLLs; those, and so the core's own clock, stay as the ROM left them.
// RM0436, RM0475, chapter RCC. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_CLOCK_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_CLOCK_H_

#include <cstdint>

namespace bootseal::boards::stm32mp {

// May be called again. It always returns; without HSI nothing answers then.
void StartClocks();

// Hz, of UART4 and SDMMC1: 64 MHz, or what HSI is divided to.
std::uint32_t KernelClock();

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_CLOCK_H_
