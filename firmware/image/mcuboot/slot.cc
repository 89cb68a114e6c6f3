#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::image::mcuboot {
namespace {

using Size = std::uint64_t;  // no sum of 32-bit sizes overflows it

constexpr Size AlignUp(Size value, Size unit) {
  return (value + unit - 1) / unit * unit;
}

// Bytes of progress that one sector's swap leaves in the trailer.
Size StatusEntrySize(const Rules& rules) {
  switch (rules.strategy) {
    case Strategy::kSingleSlot:
      return 0;
    case Strategy::kSwapOffset:
      return Size{2} * rules.align;
    case Strategy::kOverwriteOnly:
    case Strategy::kSwapScratch:
    case Strategy::kSwapMove:
    case Strategy::kDirectXip:
    case Strategy::kRamLoad:
      break;
  }
  return Size{3} * rules.align;
}

// Magic, image_ok, copy_done, swap_info and swap_size; swap-offset adds a cell
// for two TLV sizes.
Size InfoSize(const Rules& rules) {
  const Size cells = rules.strategy == Strategy::kSwapOffset ? 5 : 4;
  return cells * rules.max_align + AlignUp(kTrailerMagicBytes, rules.max_align);
}

Size TrailerSize(const Rules& rules) {
  return rules.max_sectors * StatusEntrySize(rules) + InfoSize(rules);
}

// Where the image must end for the trailer to survive its trip through scratch:
// the part of the trailer in its first sector may be shorter than the trailer
// of scratch itself.
Size ScratchReserve(const Rules& rules) {
  const Size trailer = TrailerSize(rules);
  const Size in_first_sector = trailer % rules.sector_size == 0
                                   ? rules.sector_size
                                   : trailer % rules.sector_size;
  const Size in_scratch = StatusEntrySize(rules) + InfoSize(rules);
  const Size padding =
      in_scratch > in_first_sector ? in_scratch - in_first_sector : 0;
  return trailer + padding;
}

// Bytes at the slot's end that no image may reach into.
Size Reserve(const Rules& rules) {
  const Size magic = AlignUp(kTrailerMagicBytes, rules.max_align);
  switch (rules.strategy) {
    case Strategy::kSingleSlot:
      return InfoSize(rules);
    case Strategy::kSwapScratch:
      return ScratchReserve(rules);
    case Strategy::kSwapMove:
    case Strategy::kSwapOffset:
      return AlignUp(TrailerSize(rules), rules.sector_size) + rules.sector_size;
    case Strategy::kOverwriteOnly:
    case Strategy::kDirectXip:
    case Strategy::kRamLoad:
      break;
  }
  return Size{3} * rules.max_align + magic;  // down to swap_info
}

constexpr bool Swaps(Strategy strategy) {
  return strategy == Strategy::kSwapScratch ||
         strategy == Strategy::kSwapMove || strategy == Strategy::kSwapOffset;
}

// A bootloader that cannot list all sectors of a slot does not upgrade.
bool SectorsFit(const Rules& rules) {
  if (!Swaps(rules.strategy) && rules.sector_size == 0) return true;
  return rules.sector_size != 0 && rules.slot_size % rules.sector_size == 0 &&
         rules.slot_size / rules.sector_size <= rules.max_sectors;
}

}  // namespace

std::uint32_t MaxImageEnd(const Rules& rules) {
  if (rules.max_align == 0 || !SectorsFit(rules)) return 0;
  const Size reserve = Reserve(rules);
  if (reserve >= rules.slot_size) return 0;
  return static_cast<std::uint32_t>(rules.slot_size - reserve);
}

}  // namespace bootseal::image::mcuboot
