// The flash in which the slots of images lie: what a board provides beside
// board.h when its bootloader upgrades. Chosen at link time; a test links a
// simulation. Nothing here allocates. Not thread-safe.
//
// What an implementation has to promise:
//   - Write puts bytes into erased cells only, and EraseFlash erases whole
//     sectors. Anything else is kStorage, and nothing is changed.
//   - When power goes in the middle of either, the cells that it was about may
//     hold anything afterwards; no other cell does.
//   - A cell that cannot be read afterwards (ECC) is kStorage for ReadFlash;
//     read through MappedFlash it is some value, and not a fault.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_FLASH_H_
#define BOOTSEAL_FIRMWARE_BOARDS_FLASH_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::boards {

// Of image 0. Those of further images have the numbers behind, two each.
enum class Slot : std::uint8_t { kPrimary, kSecondary };

constexpr Slot SlotOf(std::uint8_t image, Slot slot) {
  return static_cast<Slot>(2 * image + static_cast<std::uint8_t>(slot));
}

// Two sectors that hold no image, where flash_counters.cc is linked; behind the
// slots of two images.
inline constexpr Slot kCounterArea = SlotOf(2, Slot::kPrimary);

struct FlashGeometry {
  std::uint32_t write_size = 1;   // bytes programmed at once: 1 to 32
  std::uint32_t sector_size = 0;  // bytes erased at once
  std::byte erased{0xff};
};
FlashGeometry Flash();

// Why this flash is not the one that the slots were laid out for, in a few
// words: option bytes. nullptr: it is.
const char* FlashFlaw();

// The whole slot, memory-mapped; empty when the board has no such slot.
image::Bytes MappedFlash(Slot slot);

// Offsets are of the slot, in bytes. kStorage: outside the slot, not a multiple
// of what is written or erased at once, or the controller said no.
image::Error ReadFlash(Slot slot, std::uint32_t offset, image::MutableBytes to);
image::Error WriteFlash(Slot slot, std::uint32_t offset, image::Bytes from);
// Sector by sector, upwards.
image::Error EraseFlash(Slot slot, std::uint32_t offset, std::uint32_t size);

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_FLASH_H_
