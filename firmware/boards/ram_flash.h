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
    const std::byte* const cells = Cells(slot, offset, to.size());
    if (cells == nullptr) return image::Error::kStorage;
    __builtin_memcpy(to.data(), cells, to.size());
    return image::Error::kOk;
  }

  static image::Error Write(Slot slot, std::uint32_t offset,
                            image::Bytes from) {
    std::byte* const cells = Cells(slot, offset, from.size());
    if (cells == nullptr) return image::Error::kStorage;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (cells[i] != kGeometry.erased) return image::Error::kStorage;
    }
    __builtin_memcpy(cells, from.data(), from.size());
    return image::Error::kOk;
  }

  static image::Error Erase(Slot slot, std::uint32_t offset,
                            std::uint32_t size) {
    std::byte* const cells = Cells(slot, offset, size);
    if (cells == nullptr || offset % kSector != 0 || size % kSector != 0) {
      return image::Error::kStorage;
    }
    __builtin_memset(cells, static_cast<int>(kGeometry.erased), size);
    return image::Error::kOk;
  }

 private:
  // Null when they are not all inside.
  [[gnu::noinline]] static std::byte* Cells(Slot slot, std::uint32_t offset,
                                            std::size_t size) {
    const auto number = static_cast<unsigned>(slot);
    if (number >= kSlots || offset > kSize || size > kSize - offset) {
      return nullptr;
    }
    return reinterpret_cast<std::byte*>(kFirst + number * kSize + offset);
  }
};

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_RAM_FLASH_H_
