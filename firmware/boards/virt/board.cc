// QEMU's virt with secure=on: NOR flash without a partition table. The
// bootloader runs in place from the first flash, in secure RAM; metadata and
// banks lie in the second. No watchdog there.
#include "firmware/boards/board.h"

#include "firmware/boards/load_areas.h"
#include "firmware/boards/payload/restart.h"
#include "firmware/boards/raw_layout.h"
#include "firmware/boards/registers.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boards/standin/backup_memory.h"

namespace bootseal::boards {
namespace {

constexpr std::uintptr_t kUart = 0x09000000;  // PL011
constexpr std::uintptr_t kFlash = 0x04000000;
constexpr std::uint64_t kFlashBytes = 0x04000000;
using Backup = standin::BackupMemory<0x47ff0000>;

// The pages of Backup; memory.ld has secure RAM.
constexpr Range kReserved{0x47ff0000, 0x48000000};
constexpr LoadAreas kLoadAreas{{
    {0x41000000, 0x41010000},  // fw-config
    {0x41100000, 0x41180000},  // hw-config
    {0x0e100000, 0x0e600000},  // tos-fw
    {0x0e600000, 0x0eb00000},  // tos-fw-extra1
    {0x0eb00000, 0x0f000000},  // tos-fw-extra2
    {0x41200000, 0x41210000},  // tos-fw-config
    {0x40200000, 0x40a00000},  // nt-fw
    {0x41300000, 0x41310000},  // nt-fw-config
}};
static_assert(AreUsable(kLoadAreas, kReserved));
static_assert(AreUsable(kLoadAreas, {0x0e000000, 0x0e010000}));

}  // namespace

extern const char kName[] = "virt";
extern const image::certificate::KeyHashForm kKeyHashForm =
    image::certificate::KeyHashForm::kPoint;
extern const image::fwu::Geometry kGeometry{2, 1};
extern const RawLayout kRawLayout = kNorLayout;

void Init() {}
void Write(char character) {
  Register(kUart) = static_cast<std::uint8_t>(character);
}

// RAM runs when QEMU starts, and holds the registers as well.
image::Error Prepare() { return image::Error::kOk; }

image::Result<std::uint64_t> OpenStorage() { return kFlashBytes / kBlockBytes; }
image::Error ReadStorage(std::uint64_t block, image::MutableBytes to) {
  const std::uint64_t offset = block * kBlockBytes;
  if (block > kFlashBytes / kBlockBytes || to.size() > kFlashBytes - offset) {
    return image::Error::kStorage;
  }
  // Whole words: flash is a device.
  auto* words = reinterpret_cast<std::uint32_t*>(to.data());
  for (std::size_t i = 0; i < to.size() / 4; ++i) {
    words[i] = Register(kFlash + static_cast<std::uintptr_t>(offset) + 4 * i);
  }
  return image::Error::kOk;
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
