#include "firmware/boards/stm32mp/clock.h"

#include "firmware/boards/stm32mp/chip.h"
#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards::stm32mp {
namespace {

constexpr std::uint32_t kHsi = 64'000'000;
constexpr std::uint32_t kPatience = 100'000;

void Choose(std::uint32_t offset, std::uint32_t source) {
  const std::uint32_t address = kRcc + offset;
  Set(address, (Get(address) & ~rcc::kSource) | source);
}

void SetField(std::uint32_t address, unsigned width, unsigned index,
              std::uint32_t value) {
  const unsigned shift = width * index;
  const std::uint32_t mask = ((1U << width) - 1) << shift;
  Set(address, (Get(address) & ~mask) | value << shift);
}

void Connect(const Pin& pin) {
  const std::uint32_t port =
      gpio::kPorts +
      gpio::kPortBytes * static_cast<std::uint32_t>(pin.port - 'A');
  // The function first: in between, the pin would have another one.
  SetField(port + gpio::kFunction + pin.number / 8 * 4, 4, pin.number % 8,
           pin.function);
  SetField(port + gpio::kSpeed, 2, pin.number, pin.speed);
  SetField(port + gpio::kMode, 2, pin.number, gpio::kAlternate);
}

}  // namespace

void StartClocks() {
  const Clocks& clocks = kChip.clocks;
  Set(kRcc + clocks.oscillators, rcc::kHsiOn);
  static_cast<void>(
      WaitFor(kRcc + clocks.ready, rcc::kHsiReady, rcc::kHsiReady, kPatience));
  Choose(clocks.uart_source, rcc::kUartFromHsi);
  Choose(clocks.sdmmc_source, rcc::kSdmmcFromHsi);
  for (const Enable& enable : clocks.enables) {
    Set(kRcc + enable.offset, enable.bits);
  }
  for (const Pin& pin : kChip.pins) Connect(pin);
}

std::uint32_t KernelClock() {
  return kHsi >> (Get(kRcc + kChip.clocks.hsi) & rcc::kHsiDivider);
}

}  // namespace bootseal::boards::stm32mp
