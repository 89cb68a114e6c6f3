// The watchdog of NXP's i.MX 7 (IMX7DRM 6.5): once armed, it is never stopped.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_IMX_WATCHDOG_H_
#define BOOTSEAL_FIRMWARE_BOARDS_IMX_WATCHDOG_H_

#include "firmware/boards/registers.h"

namespace bootseal::boards::imx {

template <std::uintptr_t kBase>
class Watchdog {
 public:
  // In halves of a second, and one more.
  static void Start(std::uint32_t seconds) {
    Half(kControl) = static_cast<std::uint16_t>(
        (2 * seconds - 1) << 8 | kNoAssertion | kNoSignal | kEnable);
    Feed();
  }
  static void Feed() {
    Half(kService) = 0x5555;
    Half(kService) = 0xaaaa;
  }
  // Resets at once.
  static void Restart() { Half(kControl) = kEnable; }

 private:
  static constexpr std::uintptr_t kControl = 0;
  static constexpr std::uintptr_t kService = 2;
  static constexpr std::uint32_t kNoAssertion = 1U << 5;  // WDA
  static constexpr std::uint32_t kNoSignal = 1U << 4;     // SRS
  static constexpr std::uint32_t kEnable = 1U << 2;       // WDE

  static volatile std::uint16_t& Half(std::uintptr_t offset) {
    return Register<std::uint16_t>(kBase + offset);
  }
};

}  // namespace bootseal::boards::imx

#endif  // BOOTSEAL_FIRMWARE_BOARDS_IMX_WATCHDOG_H_
