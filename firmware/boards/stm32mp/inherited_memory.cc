// DDR that an earlier stage started, or none: looked at, never assumed.
#include "firmware/boards/stm32mp/chip.h"
#include "firmware/boards/stm32mp/memory.h"
#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards::stm32mp {
namespace {

using image::Error;

// An access to a controller without its clock, or to memory behind one that
// does not run, never ends.
bool Runs() {
  constexpr std::uint32_t kClocks =
      rcc::kDdrController | rcc::kDdrControllerBus;
  if ((Get(kRcc + kChip.clocks.ddr) & kClocks) != kClocks) return false;
  return (Get(ddr::kControllerStatus) & ddr::kOperatingMode) == ddr::kNormal;
}

bool HasDataLines() {
  for (unsigned bit = 0; bit < 32; ++bit) {
    const std::uint32_t one = 1U << bit;
    Set(ddr::kMemory, one);
    Set(ddr::kMemory + 4, ~one);
    if (Get(ddr::kMemory) != one || Get(ddr::kMemory + 4) != ~one) return false;
  }
  return true;
}

std::uint32_t MarkOf(std::uint32_t address) { return ~address; }

// Words at every power of two: none may be another one's.
bool HasAddressLines() {
  Set(ddr::kMemory, MarkOf(ddr::kMemory));
  for (std::uint32_t at = 4; at < kChip.memory_bytes; at <<= 1) {
    Set(ddr::kMemory + at, MarkOf(ddr::kMemory + at));
  }
  if (Get(ddr::kMemory) != MarkOf(ddr::kMemory)) return false;
  for (std::uint32_t at = 4; at < kChip.memory_bytes; at <<= 1) {
    if (Get(ddr::kMemory + at) != MarkOf(ddr::kMemory + at)) return false;
  }
  return true;
}

}  // namespace

Error OpenMemory() {
  return Runs() && HasDataLines() && HasAddressLines() ? Error::kOk
                                                       : Error::kMemory;
}

}  // namespace bootseal::boards::stm32mp
