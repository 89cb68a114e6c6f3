#include "firmware/boards/stm32mp/watchdog.h"

#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards::stm32mp {
namespace {

// A new value is taken within some cycles of the slow clock.
constexpr std::uint32_t kPatience = 1'000'000;

bool IsTaken() { return WaitFor(iwdg::kStatus, iwdg::kUpdates, 0, kPatience); }

}  // namespace

bool StartIwdg(std::uint32_t seconds) {
  using namespace iwdg;
  const std::uint32_t reload = seconds * (kLsi / 256) - 1;
  Set(kKey, kStart);
  FeedIwdg();
  // Whoever ran before may have changed it just now.
  if (!IsTaken()) return false;
  Set(kKey, kAccess);
  Set(kPrescaler, kBy256);
  Set(kReload, reload < kMaxReload ? reload : kMaxReload);
  const bool taken = IsTaken();
  FeedIwdg();
  return taken;
}

// It also locks the other registers again.
void FeedIwdg() { Set(iwdg::kKey, iwdg::kFeed); }

}  // namespace bootseal::boards::stm32mp
