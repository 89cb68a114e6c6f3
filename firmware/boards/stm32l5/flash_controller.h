// Reading, programming and erasing the flash of an STM32L552 (RM0438, chapter
// 6). The alias that an address is of says whose registers it takes: pages that
// the watermarks make secure are written through the secure ones, all others
// through the non-secure ones. Not thread-safe; nothing allocates.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_CONTROLLER_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_CONTROLLER_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::boards::stm32l5 {

// Bytes that are erased at once: 2 KiB in each of two banks, 4 KiB in one.
std::uint32_t PageSize();

// Why flash is not such that its first `secure_size` bytes are secure and the
// others are not, in the order of one bank after the other: an option byte to
// change. nullptr: it is.
const char* OptionFlaw(std::uint32_t secure_size);

// kStorage: a doubleword with more than one wrong bit, or one that reads as
// erased only because one bit was corrected: it cannot be programmed. `to`
// holds something all the same.
image::Error Read(std::uint32_t address, image::MutableBytes to);

// Whole doublewords, into erased ones: else kStorage, and nothing is changed.
// kStorage as well when the controller says no, or what it wrote reads back
// differently.
image::Error Write(std::uint32_t address, image::Bytes from);

// Whole pages, upwards.
image::Error Erase(std::uint32_t address, std::uint32_t size);

// The core came upon an NMI. True when its cause was two wrong bits in a
// doubleword behind the first `kept` bytes of flash, which hold programs: Read
// tells of it, and what goes on is right to. False for any other cause.
bool ServeNonMaskable(std::uint32_t kept);

}  // namespace bootseal::boards::stm32l5

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_CONTROLLER_H_
