// Flash for boards that have none, such as the emulated ones: RAM that keeps to
// the rules of flash, so that what works here works there. It survives a reset
// of the core, and no power cut. Its content before the first erasure is
// whatever the RAM held.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_RAM_FLASH_H_
#define BOOTSEAL_FIRMWARE_BOARDS_RAM_FLASH_H_

#include <cstdint>

#include "firmware/boards/flash.h"

namespace bootseal::boards {

// Slots of `kSize` bytes, one behind the other from this address on, in sectors
// of `kSector`.
template <std::uintptr_t kFirst, unsigned kSlots, std::uint32_t kSize,
          std::uint32_t kSector>
class RamFlash {
 public:
  static constexpr FlashGeometry kGeometry{1, kSector, std::byte{0xff}};

  static image::MutableBytes Mapped(Slot slot) {
    const auto number = static_cast<unsigned>(slot);
    if (number >= kSlots) return {};
    return {reinterpret_cast<std::byte*>(kFirst + number * kSize), kSize};
  }

  static image::Error Read(Slot slot, std::uint32_t offset,
                           image::MutableBytes to) {
    if (!Inside(offset, to.size())) return image::Error::kStorage;
    image::Copy(Mapped(slot).subspan(offset, to.size()), to);
    return image::Error::kOk;
  }

  static image::Error Write(Slot slot, std::uint32_t offset,
                            image::Bytes from) {
    if (!Inside(offset, from.size())) return image::Error::kStorage;
    const image::MutableBytes cells = Mapped(slot).subspan(offset, from.size());
    for (const std::byte byte : cells) {
      if (byte != kGeometry.erased) return image::Error::kStorage;
    }
    image::Copy(from, cells);
    return image::Error::kOk;
  }

  static image::Error Erase(Slot slot, std::uint32_t offset,
                            std::uint32_t size) {
    if (offset % kSector != 0 || size % kSector != 0 || !Inside(offset, size)) {
      return image::Error::kStorage;
    }
    image::Fill(Mapped(slot).subspan(offset, size), kGeometry.erased);
    return image::Error::kOk;
  }

 private:
  static bool Inside(std::uint32_t offset, std::size_t size) {
    return offset <= kSize && size <= kSize - offset;
  }
};

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_RAM_FLASH_H_
