// NXP's i.MX 7 SABRE board in QEMU: stands for an STM32MP1. Cortex-A7 in secure
// state, SD card, watchdog; RAM from 0x80000000, kept in a file.
#include "firmware/boards/board.h"

#include "firmware/boards/imx/uart.h"
#include "firmware/boards/imx/usdhc.h"
#include "firmware/boards/imx/watchdog.h"
#include "firmware/boards/load_areas.h"
#include "firmware/boards/payload/restart.h"
#include "firmware/boards/sd/card.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boards/standin/backup_memory.h"

namespace bootseal::boards {
namespace {

using Uart1 = imx::Uart<0x30860000>;
using Card1 = sd::Card<imx::Usdhc<0x30b40000>>;
using Watchdog1 = imx::Watchdog<0x30280000>;
using Backup = standin::BackupMemory<0x8fff0000>;

constexpr std::uint32_t kWatchdogSeconds = 8;

// memory.ld, and the pages of Backup.
constexpr Range kReserved{0x8f800000, 0x90000000};
constexpr LoadAreas kLoadAreas{{
    {0x81000000, 0x81010000},  // fw-config
    {0x81100000, 0x81180000},  // hw-config
    {0x8e000000, 0x8e800000},  // tos-fw
    {0x8e800000, 0x8f000000},  // tos-fw-extra1
    {0x8f000000, 0x8f800000},  // tos-fw-extra2
    {0x81200000, 0x81210000},  // tos-fw-config
    {0x80100000, 0x80900000},  // nt-fw
    {0x81300000, 0x81310000},  // nt-fw-config
}};
static_assert(AreUsable(kLoadAreas, kReserved));

}  // namespace

extern const char kName[] = "mcimx7d-sabre";
extern const image::certificate::KeyHashForm kKeyHashForm =
    image::certificate::KeyHashForm::kPoint;
extern const image::fwu::Geometry kGeometry{2, 1};

void Init() { Uart1::Init(); }
void Write(char character) { Uart1::Write(character); }

// RAM runs when QEMU starts, and holds the registers as well.
image::Error Prepare() { return image::Error::kOk; }

image::Result<std::uint64_t> OpenStorage() { return Card1::Open(); }
image::Error ReadStorage(std::uint64_t block, image::MutableBytes to) {
  return Card1::Read(block, to);
}

std::uint32_t StartWatchdog() {
  Watchdog1::Start(kWatchdogSeconds);
  return kWatchdogSeconds;
}
void FeedWatchdog() { Watchdog1::Feed(); }
void Restart() { Watchdog1::Restart(); }

std::uint32_t ReadBackup(BackupRegister which) { return Backup::Of(which); }
void WriteBackup(BackupRegister which, std::uint32_t value) {
  Backup::Of(which) = value;
}

image::Error ReadRootKeyHash(image::MutableBytes to) {
  return Backup::ReadRootKeyHash(to);
}

std::uint32_t NvCounter() { return Backup::Counter(); }
void IncrementNvCounter() { Backup::Counter() = Backup::Counter() + 1; }

image::MutableBytes LoadArea(image::certificate::ImageRole role) {
  return AreaOf(kLoadAreas, role);
}

}  // namespace bootseal::boards
