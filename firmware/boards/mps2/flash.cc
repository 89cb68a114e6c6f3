// Slots of two images in SSRAM1, behind the bootloader, and an area for the
// counters behind them: the MPS2+ images have no flash.
#include "firmware/boards/ram_flash.h"

namespace bootseal::boards {
namespace {

using Ssram = RamFlash<0x10100000, 5, 0x80000, 0x1000>;

}  // namespace

FlashGeometry Flash() { return Ssram::kGeometry; }

const char* FlashFlaw() { return nullptr; }

image::Bytes MappedFlash(Slot slot) { return Ssram::Mapped(slot); }

image::Error ReadFlash(Slot slot, std::uint32_t offset,
                       image::MutableBytes to) {
  return Ssram::Read(slot, offset, to);
}

image::Error WriteFlash(Slot slot, std::uint32_t offset, image::Bytes from) {
  return Ssram::Write(slot, offset, from);
}

image::Error EraseFlash(Slot slot, std::uint32_t offset, std::uint32_t size) {
  return Ssram::Erase(slot, offset, size);
}

}  // namespace bootseal::boards
