// Output over the UART of NXP's i.MX 7 (IMX7DRM 15.2). The rate is what the
// chip's start left.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_IMX_UART_H_
#define BOOTSEAL_FIRMWARE_BOARDS_IMX_UART_H_

#include "firmware/boards/registers.h"

namespace bootseal::boards::imx {

template <std::uintptr_t kBase>
class Uart {
 public:
  static void Init() {
    Register(kBase + kControl1) = 1;  // UARTEN
    // IRTS, 8 bits, transmitter on, no software reset.
    Register(kBase + kControl2) = 1U << 14 | 1U << 5 | 1U << 2 | 1U;
  }

  static void Write(char character) {
    while ((Register(kBase + kStatus1) & kReady) == 0) {
    }
    Register(kBase + kTransmit) = static_cast<std::uint8_t>(character);
  }

 private:
  static constexpr std::uintptr_t kTransmit = 0x40;
  static constexpr std::uintptr_t kControl1 = 0x80;
  static constexpr std::uintptr_t kControl2 = 0x84;
  static constexpr std::uintptr_t kStatus1 = 0x94;
  static constexpr std::uint32_t kReady = 1U << 13;  // TRDY
};

}  // namespace bootseal::boards::imx

#endif  // BOOTSEAL_FIRMWARE_BOARDS_IMX_UART_H_
