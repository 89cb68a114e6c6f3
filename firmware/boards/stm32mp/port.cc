#include "firmware/boards/stm32mp/port.h"

#include "firmware/boards/registers.h"

namespace bootseal::boards::stm32mp {

std::uint32_t Get(std::uint32_t address) { return Register(address); }

void Set(std::uint32_t address, std::uint32_t value) {
  Register(address) = value;
}

}  // namespace bootseal::boards::stm32mp
