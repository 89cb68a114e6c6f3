// Orange Pi PC (Allwinner H3) in QEMU: the board on which the real U-Boot of
// Debian starts. No watchdog there, and nothing that outlives a reset.
#include "firmware/boards/board.h"

#include "firmware/boards/allwinner/sd_host.h"
#include "firmware/boards/allwinner/uart.h"
#include "firmware/boards/load_areas.h"
#include "firmware/boards/payload/restart.h"
#include "firmware/boards/sd/card.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boards/standin/backup_memory.h"

namespace bootseal::boards {
namespace {

using Uart0 = allwinner::Uart<0x01c28000>;
using Card0 = sd::Card<allwinner::SdHost<0x01c0f000>>;
using Backup = standin::BackupMemory<0x5fff0000>;

// memory.ld, and the pages of Backup.
constexpr Range kReserved{0x5f800000, 0x60000000};
constexpr LoadAreas kLoadAreas{{
    {0x48000000, 0x48010000},  // fw-config
    {0x48100000, 0x48180000},  // hw-config
    {0x5e000000, 0x5e800000},  // tos-fw
    {0x5e800000, 0x5f000000},  // tos-fw-extra1
    {0x5f000000, 0x5f800000},  // tos-fw-extra2
    {0x48200000, 0x48210000},  // tos-fw-config
    {0x4a000000, 0x4a800000},  // nt-fw: where U-Boot is linked
    {0x48300000, 0x48310000},  // nt-fw-config
}};
static_assert(AreUsable(kLoadAreas, kReserved));

}  // namespace

extern const char kName[] = "orangepi-pc";
extern const image::certificate::KeyHashForm kKeyHashForm =
    image::certificate::KeyHashForm::kPoint;
extern const image::fwu::Geometry kGeometry{2, 1};

void Init() {}
void Write(char character) { Uart0::Write(character); }

// RAM runs when QEMU starts, and holds the registers as well.
image::Error Prepare() { return image::Error::kOk; }

image::Result<std::uint64_t> OpenStorage() { return Card0::Open(); }
image::Error ReadStorage(std::uint64_t block, image::MutableBytes to) {
  return Card0::Read(block, to);
}

std::uint32_t StartWatchdog() { return 0; }
void FeedWatchdog() {}
void Restart() {}

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
