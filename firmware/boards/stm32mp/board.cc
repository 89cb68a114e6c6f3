// The contract of board.h and second_stage.h for the family; kChip says what is
// where.
#include "firmware/boards/board.h"

#include "firmware/boards/load_areas.h"
#include "firmware/boards/payload/restart.h"
#include "firmware/boards/sd/card.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boards/stm32mp/backup.h"
#include "firmware/boards/stm32mp/chip.h"
#include "firmware/boards/stm32mp/clock.h"
#include "firmware/boards/stm32mp/fuses.h"
#include "firmware/boards/stm32mp/memory.h"
#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"
#include "firmware/boards/stm32mp/sdmmc.h"
#include "firmware/boards/stm32mp/usart.h"
#include "firmware/boards/stm32mp/watchdog.h"

namespace bootseal::boards {
namespace {

using Card1 = sd::Card<stm32mp::Sdmmc>;

// Its clock is a twentieth faster in some parts. A block that cannot be read
// takes some seconds.
constexpr std::uint32_t kWatchdogSeconds = 16;

std::uint32_t IndexOf(BackupRegister which) {
  return stm32mp::kFirstOfZone2 + static_cast<std::uint32_t>(which);
}

}  // namespace

extern const image::fwu::Geometry kGeometry{2, 1};

void Init() {
  stm32mp::StartClocks();
  stm32mp::StartUsart();
}
void Write(char character) { stm32mp::Send(character); }

image::Error Prepare() {
  BOOTSEAL_TRY(stm32mp::OpenBackup());
  return stm32mp::OpenMemory();
}

image::Result<std::uint64_t> OpenStorage() { return Card1::Open(); }
image::Error ReadStorage(std::uint64_t block, image::MutableBytes to) {
  return Card1::Read(block, to);
}

std::uint32_t StartWatchdog() {
  return stm32mp::StartIwdg(kWatchdogSeconds) ? kWatchdogSeconds : 0;
}
void FeedWatchdog() { stm32mp::FeedIwdg(); }
void Restart() {
  stm32mp::Set(stm32mp::kRcc + stm32mp::kChip.clocks.system_reset,
               stm32mp::rcc::kResetSystem);
}

std::uint32_t ReadBackup(BackupRegister which) {
  return stm32mp::ReadBackupWord(IndexOf(which));
}
void WriteBackup(BackupRegister which, std::uint32_t value) {
  stm32mp::WriteBackupWord(IndexOf(which), value);
}

image::Error ReadRootKeyHash(image::MutableBytes to) {
  std::array<std::byte, 32> fused{};
  BOOTSEAL_TRY(stm32mp::ReadKeyHash(fused));
  return stm32mp::RootKeyHashOf(fused, to);
}

std::uint32_t NvCounter() { return stm32mp::ReadCounter(); }
void IncrementNvCounter() { stm32mp::CountUp(); }

image::MutableBytes LoadArea(image::certificate::ImageRole role) {
  return AreaOf(stm32mp::kChip.areas, role);
}

}  // namespace bootseal::boards
