#include "firmware/boot/panic.h"

#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/led.h"

namespace bootseal::boot {
namespace {

// In ticks of a tenth of a second.
constexpr std::uint32_t kLight = 2;
constexpr std::uint32_t kDark = 2;
constexpr std::uint32_t kPause = 12;

Blinks reason{};

void Wait(std::uint32_t ticks) {
  for (; ticks != 0; --ticks) arch::Count(boards::LoopsPerTick());
}

void BlinkOnce() {
  boards::Show(boards::Led::kOn);
  Wait(kLight);
  boards::Show(boards::Led::kOff);
  Wait(kDark);
}

}  // namespace

void BlinkFor(Blinks blinks) { reason = blinks; }

}  // namespace bootseal::boot

namespace bootseal::arch {

void OnStop() {
  const auto blinks = static_cast<std::uint32_t>(boot::reason);
  for (std::uint32_t done = 0; done < blinks; ++done) boot::BlinkOnce();
  boot::Wait(boot::kPause);
}

}  // namespace bootseal::arch
