#include "firmware/boards/stm32mp/backup.h"

#include "firmware/boards/stm32mp/chip.h"
#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards::stm32mp {
namespace {

using image::Error;

constexpr std::uint32_t kPatience = 100'000;
// Boards have it hold the last boot's error, which is written anew in this one.
constexpr std::uint32_t kProbe = kFirstOfZone2 + 3;

Error DrawZones() {
  const std::uint32_t wanted =
      tamp::Zones(kFirstOfZone2, kFirstOfZone3) | kChip.secure_backup;
  const std::uint32_t mask = tamp::kZones | kChip.secure_backup_mask;
  Set(tamp::kSecurity, (Get(tamp::kSecurity) & ~mask) | wanted);
  return (Get(tamp::kSecurity) & mask) == wanted ? Error::kOk : Error::kBackup;
}

Error TryToKeep() {
  const std::uint32_t before = ReadBackupWord(kProbe);
  WriteBackupWord(kProbe, ~before);
  const bool kept = ReadBackupWord(kProbe) == ~before;
  WriteBackupWord(kProbe, before);
  return kept ? Error::kOk : Error::kBackup;
}

}  // namespace

Error OpenBackup() {
  SetBits(pwr::kControl1, pwr::kBackupWritable);
  // It takes some cycles of a slower clock.
  if (!WaitFor(pwr::kControl1, pwr::kBackupWritable, pwr::kBackupWritable,
               kPatience)) {
    return Error::kBackup;
  }
  BOOTSEAL_TRY(DrawZones());
  return TryToKeep();
}

std::uint32_t ReadBackupWord(std::uint32_t index) {
  return Get(tamp::kBackup + 4 * index);
}

void WriteBackupWord(std::uint32_t index, std::uint32_t value) {
  Set(tamp::kBackup + 4 * index, value);
}

std::uint32_t ReadCounter() { return Get(tamp::kCounter); }

void CountUp() { Set(tamp::kCounter, 1); }

}  // namespace bootseal::boards::stm32mp
