// What one board of the family has where: a folder of boards/ says it, in
// kChip, beside kName, kKeyHashForm and its load areas.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_CHIP_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_CHIP_H_

#include <array>
#include <cstdint>
#include <span>

#include "firmware/boards/load_areas.h"
#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::boards::stm32mp {

struct Enable {
  std::uint32_t offset = 0;  // of a register of RCC that sets
  std::uint32_t bits = 0;
};

// Offsets in RCC.
struct Clocks {
  std::uint32_t oscillators = 0;   // OCENSETR
  std::uint32_t ready = 0;         // OCRDYR
  std::uint32_t hsi = 0;           // HSICFGR
  std::uint32_t uart_source = 0;   // UART24CKSELR, UART4CKSELR
  std::uint32_t sdmmc_source = 0;  // SDMMC12CKSELR
  std::uint32_t sdmmc_reset = 0;   // AHB6RSTSETR
  std::uint32_t ddr = 0;           // DDRITFCR
  std::uint32_t system_reset = 0;  // MP_GRSTCSETR
  std::array<Enable, 5> enables;
};

struct Pin {
  char port = 'A';
  std::uint8_t number = 0;
  std::uint8_t function = 0;  // AF0 to 15
  std::uint8_t speed = 0;     // 0 to 3
};

struct Chip {
  Clocks clocks;
  std::array<Pin, 4> pins;  // UART4_TX; SDMMC1_D0, CMD, CK
  // Of tamp::kSecurity, beside the zones: which bits keep the non-secure world
  // from TAMP's own registers and its counter, and what they are for that.
  std::uint32_t secure_backup_mask = 0;
  std::uint32_t secure_backup = 0;
  std::uint32_t memory_bytes = 0;  // of DDR, from ddr::kMemory; a power of two
  LoadAreas areas;
};
extern const Chip kChip;

// Which hash of a root key `fused` (OTP words 24 to 31) lets in: itself, or one
// out of a table that it is the hash of. Given by the board. Zeros stay zeros.
image::Error RootKeyHashOf(image::Bytes fused, image::MutableBytes to);

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_CHIP_H_
