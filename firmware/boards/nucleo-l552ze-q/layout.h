// Where things lie in the board's 512 KiB of flash, as offsets. What TF-M has
// there is TF-M's layout (flash_layout.h of its platform stm/nucleo_l552ze_q);
// its area for BL2 is divided among the bootloader and its counters.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_NUCLEO_L552ZE_Q_LAYOUT_H_
#define BOOTSEAL_FIRMWARE_BOARDS_NUCLEO_L552ZE_Q_LAYOUT_H_

#include <cstdint>

namespace bootseal::boards::nucleo {

inline constexpr std::uint32_t kProgramEnd = 0xb000;  // as in memory.ld
// Two pages, of 2 or of 4 KiB. Not TF-M's area for counters: its secure image
// has another format there.
inline constexpr std::uint32_t kCounters = 0xb000;
inline constexpr std::uint32_t kCountersSize = 0x2000;

inline constexpr std::uint32_t kSecurePrimary = 0x14000;
inline constexpr std::uint32_t kNonSecurePrimary = 0x41000;
inline constexpr std::uint32_t kSecureSecondary = 0x4a000;
inline constexpr std::uint32_t kNonSecureSecondary = 0x77000;
inline constexpr std::uint32_t kSecureSize = 0x2d000;
inline constexpr std::uint32_t kNonSecureSize = 0x9000;

// Secure memory ends here (SECWM1, SECWM2).
inline constexpr std::uint32_t kSecureEnd = kNonSecurePrimary;

}  // namespace bootseal::boards::nucleo

#endif  // BOOTSEAL_FIRMWARE_BOARDS_NUCLEO_L552ZE_Q_LAYOUT_H_
