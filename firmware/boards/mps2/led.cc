// LED 0 of the MPS2+ board: bit 0 of FPGAIO's first register, secure alias (ARM
// DAI 0505, DAI 0521). The core runs at 20 MHz.
#include "firmware/boards/led.h"

namespace bootseal::boards {
namespace {

constexpr std::uintptr_t kLeds = 0x50302000;

}  // namespace

void Show(Led led) {
  *reinterpret_cast<volatile std::uint32_t*>(kLeds) =
      static_cast<std::uint32_t>(led);
}

std::uint32_t LoopsPerTick() { return 20'000'000 / 10 / 3; }

}  // namespace bootseal::boards
