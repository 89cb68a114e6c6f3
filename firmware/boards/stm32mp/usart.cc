#include "firmware/boards/stm32mp/usart.h"

#include "firmware/boards/stm32mp/clock.h"
#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards::stm32mp {
namespace {

constexpr std::uint32_t kBaud = 115'200;
// A FIFO of 16 characters takes 1.4 ms.
constexpr std::uint32_t kPatience = 1'000'000;

}  // namespace

void StartUsart() {
  using namespace usart;
  // All but kEnable may be changed only while that is off.
  Set(kControl1, 0);
  Set(kControl2, 0);
  Set(kControl3, 0);
  Set(kPrescaler, 0);
  Set(kRate, (KernelClock() + kBaud / 2) / kBaud);
  Set(kControl1, kTransmitter | kEnable);
  static_cast<void>(
      WaitFor(kStatus, kTransmitterReady, kTransmitterReady, kPatience));
}

void Send(char character) {
  using namespace usart;
  if (!WaitFor(kStatus, kEmpty, kEmpty, kPatience)) return;
  Set(kTransmit, static_cast<unsigned char>(character));
  if (character != '\n') return;
  static_cast<void>(WaitFor(kStatus, kComplete, kComplete, kPatience));
}

}  // namespace bootseal::boards::stm32mp
