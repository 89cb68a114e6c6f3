// Backup registers and the monotonic counter of TAMP (RM0436, RM0475, chapter
// TAMP): they outlive every reset and are lost with the backup domain. Not
// thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_BACKUP_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_BACKUP_H_

#include <cstdint>

#include "firmware/image/result.h"

namespace bootseal::boards::stm32mp {

// Zone 2, which the non-secure world reads and does not write, is registers 10
// to 14; zone 1, 0 to 9, it does not even read. As OP-TEE has it.
inline constexpr std::uint32_t kFirstOfZone2 = 10;
inline constexpr std::uint32_t kFirstOfZone3 = 15;

// Makes them writable and draws the zones. kBackup: they are not, or keep
// nothing, as after a tamper event that nobody acknowledged.
image::Error OpenBackup();

// 0 to 31. Without OpenBackup, writes are lost.
std::uint32_t ReadBackupWord(std::uint32_t index);
void WriteBackupWord(std::uint32_t index, std::uint32_t value);

std::uint32_t ReadCounter();
void CountUp();

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_BACKUP_H_
