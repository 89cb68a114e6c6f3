// How the flash driver reaches the chip. Chosen at link time: flash_port.cc is
// the chip, and tests bring a model of its rules.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_PORT_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_PORT_H_

#include <cstddef>
#include <cstdint>

namespace bootseal::boards::stm32l5 {

// Registers, by offset (flash_registers.h).
std::uint32_t Get(std::uint32_t offset);
void Set(std::uint32_t offset, std::uint32_t value);

// Accesses of the core, at addresses of either alias. Once LoadWord is back,
// every NMI that it caused was served.
std::uint32_t LoadWord(std::uint32_t address);
void StoreWord(std::uint32_t address, std::uint32_t value);
const std::byte* Mapped(std::uint32_t address);

// The cache reads two doublewords at once and none twice, so it hides whose ECC
// error it was: off while the driver reads, programs and erases. On again, it
// is empty: what flash holds now is what is read and run from then on.
void CacheOff();
void CacheOn();

}  // namespace bootseal::boards::stm32l5

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_PORT_H_
