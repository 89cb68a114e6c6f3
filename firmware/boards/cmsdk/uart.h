// Output over the UART of Arm's CMSDK (ARM DDI 0479, 4.3).
#ifndef BOOTSEAL_FIRMWARE_BOARDS_CMSDK_UART_H_
#define BOOTSEAL_FIRMWARE_BOARDS_CMSDK_UART_H_

#include <cstdint>

namespace bootseal::boards::cmsdk {

template <std::uint32_t kBase>
class Uart {
 public:
  static void Init(std::uint32_t clock_hertz, std::uint32_t baud) {
    Register(kDivider) = clock_hertz / baud;
    Register(kControl) = kTransmit;
  }

  static void Write(char character) {
    while (Register(kState) & kFull) {
    }
    Register(kData) = static_cast<std::uint8_t>(character);
  }

 private:
  static constexpr std::uint32_t kData = 0x00;
  static constexpr std::uint32_t kState = 0x04;
  static constexpr std::uint32_t kFull = 1;
  static constexpr std::uint32_t kControl = 0x08;
  static constexpr std::uint32_t kTransmit = 1;
  static constexpr std::uint32_t kDivider = 0x10;

  static volatile std::uint32_t& Register(std::uint32_t offset) {
    return *reinterpret_cast<volatile std::uint32_t*>(kBase + offset);
  }
};

}  // namespace bootseal::boards::cmsdk

#endif  // BOOTSEAL_FIRMWARE_BOARDS_CMSDK_UART_H_
