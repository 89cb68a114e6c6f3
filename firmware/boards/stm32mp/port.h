// How the drivers reach the chip: 32-bit accesses at physical addresses, in the
// order in which they are made. Chosen at link time: port.cc is the chip, and
// tests bring a model of its rules.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_PORT_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_PORT_H_

#include <cstdint>

namespace bootseal::boards::stm32mp {

std::uint32_t Get(std::uint32_t address);
void Set(std::uint32_t address, std::uint32_t value);

inline void SetBits(std::uint32_t address, std::uint32_t bits) {
  Set(address, Get(address) | bits);
}

// False: it is not so after this many looks. Each is a read over a bus and
// takes tens of nanoseconds at least.
inline bool WaitFor(std::uint32_t address, std::uint32_t mask,
                    std::uint32_t value, std::uint32_t looks) {
  for (; looks != 0; --looks) {
    if ((Get(address) & mask) == value) return true;
  }
  return false;
}

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_PORT_H_
