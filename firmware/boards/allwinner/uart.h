// Output over the UART of Allwinner's H3 (H3 datasheet 8.2), a 16550. The rate
// is what the chip's start left.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_ALLWINNER_UART_H_
#define BOOTSEAL_FIRMWARE_BOARDS_ALLWINNER_UART_H_

#include "firmware/boards/registers.h"

namespace bootseal::boards::allwinner {

template <std::uintptr_t kBase>
class Uart {
 public:
  static void Write(char character) {
    while ((Register(kBase + kLineStatus) & kEmpty) == 0) {
    }
    Register(kBase) = static_cast<std::uint8_t>(character);
  }

 private:
  static constexpr std::uintptr_t kLineStatus = 0x14;
  static constexpr std::uint32_t kEmpty = 1U << 5;
};

}  // namespace bootseal::boards::allwinner

#endif  // BOOTSEAL_FIRMWARE_BOARDS_ALLWINNER_UART_H_
