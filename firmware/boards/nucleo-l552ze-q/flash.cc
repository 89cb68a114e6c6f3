// The slots of TF-M's layout, of which the first is secure, and the counters'
// area behind them (layout.h).
#include "firmware/boards/flash.h"

#include <iterator>

#include "firmware/boards/board.h"
#include "firmware/boards/nucleo-l552ze-q/layout.h"
#include "firmware/boards/stm32l5/flash_controller.h"
#include "firmware/boards/stm32l5/flash_port.h"
#include "firmware/boards/stm32l5/flash_registers.h"

namespace bootseal::boards {
namespace {

using image::Error;

struct Area {
  std::uint32_t begin;  // address in its alias
  std::uint32_t size;
};

// In the order of boards::Slot; the last one holds no image.
constexpr Area kAreas[] = {
    {stm32l5::kSecureAlias + nucleo::kSecurePrimary, nucleo::kSecureSize},
    {stm32l5::kNonSecureAlias + nucleo::kSecureSecondary, nucleo::kSecureSize},
    {stm32l5::kNonSecureAlias + nucleo::kNonSecurePrimary,
     nucleo::kNonSecureSize},
    {stm32l5::kNonSecureAlias + nucleo::kNonSecureSecondary,
     nucleo::kNonSecureSize},
    {stm32l5::kSecureAlias + nucleo::kCounters, nucleo::kCountersSize},
};

constexpr Area AreaOf(Slot slot) {
  const auto number = static_cast<std::size_t>(slot);
  return number < std::size(kAreas) ? kAreas[number] : Area{0, 0};
}

bool IsInside(const Area& area, std::uint32_t offset, std::size_t size) {
  return offset <= area.size && size <= area.size - offset;
}

}  // namespace

FlashGeometry Flash() {
  return {stm32l5::kDoubleword, stm32l5::PageSize(), std::byte{0xff}};
}

const char* FlashFlaw() { return stm32l5::OptionFlaw(nucleo::kSecureEnd); }

image::Bytes MappedFlash(Slot slot) {
  const Area area = AreaOf(slot);
  if (area.size == 0) return {};
  return {stm32l5::Mapped(area.begin), area.size};
}

image::Bytes PrimarySlot() { return MappedFlash(Slot::kPrimary); }

Error ReadFlash(Slot slot, std::uint32_t offset, image::MutableBytes to) {
  const Area area = AreaOf(slot);
  if (!IsInside(area, offset, to.size())) return Error::kStorage;
  return stm32l5::Read(area.begin + offset, to);
}

Error WriteFlash(Slot slot, std::uint32_t offset, image::Bytes from) {
  const Area area = AreaOf(slot);
  if (!IsInside(area, offset, from.size())) return Error::kStorage;
  return stm32l5::Write(area.begin + offset, from);
}

Error EraseFlash(Slot slot, std::uint32_t offset, std::uint32_t size) {
  const Area area = AreaOf(slot);
  if (!IsInside(area, offset, size)) return Error::kStorage;
  return stm32l5::Erase(area.begin + offset, size);
}

}  // namespace bootseal::boards
