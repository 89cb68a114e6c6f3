// MaxImageEnd and LayOutTrailer where they are computed: by hosts when asked,
// for a provisioned bootloader by the compiler.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_SLOT_ARITHMETIC_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_SLOT_ARITHMETIC_H_

#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/trailer.h"
#include "firmware/image/mcuboot/trailer_layout.h"

namespace bootseal::image::mcuboot::arithmetic {

// No sum of 32-bit sizes overflows it. It is never divided: that is a library
// call on the device.
using Size = std::uint64_t;

constexpr Size AlignUp(std::uint32_t value, std::uint32_t unit) {
  const std::uint32_t part = value % unit;
  return part == 0 ? value : Size{value} - part + unit;
}

// More sectors than any flash of 4 GiB has; bounds the trailer.
constexpr std::uint32_t kMostSectors = 1 << 20;
constexpr std::uint32_t kMostAlign = 32;
constexpr std::uint32_t kMostKeyBits = 256;

// Bytes of progress that one sector's swap leaves in the trailer.
constexpr std::uint32_t StatusEntrySize(const Rules& rules) {
  switch (rules.strategy) {
    case Strategy::kSingleSlot:
      return 0;
    case Strategy::kSwapOffset:
      return 2 * rules.align;
    case Strategy::kOverwriteOnly:
    case Strategy::kSwapScratch:
    case Strategy::kSwapMove:
    case Strategy::kDirectXip:
    case Strategy::kRamLoad:
      break;
  }
  return 3 * rules.align;
}

// The last cell, or several small ones.
constexpr std::uint32_t MagicSize(const Rules& rules) {
  return static_cast<std::uint32_t>(
      AlignUp(kTrailerMagicBytes, rules.max_align));
}

// The keys of both slots, or what they were unwrapped from.
constexpr std::uint32_t KeysSize(const Rules& rules) {
  if (rules.encryption == Presence::kForbidden) return 0;
  const std::uint32_t bytes =
      rules.save_encryption_tlv
          ? EncryptionTlvSize(rules.encryption_tlv, rules.encryption_key_bits)
          : rules.encryption_key_bits / 8;
  return 2 * static_cast<std::uint32_t>(AlignUp(bytes, rules.max_align));
}

// Magic, image_ok, copy_done, swap_info and swap_size; swap-offset adds a cell
// for two TLV sizes. A bootloader that decrypts adds keys.
constexpr std::uint32_t InfoSize(const Rules& rules) {
  const std::uint32_t cells = rules.strategy == Strategy::kSwapOffset ? 5 : 4;
  return cells * rules.max_align + MagicSize(rules) + KeysSize(rules);
}

constexpr std::uint32_t TrailerSize(const Rules& rules) {
  return rules.max_sectors * StatusEntrySize(rules) + InfoSize(rules);
}

// Where the image must end for the trailer to survive its trip through scratch:
// the part of the trailer in its first sector may be shorter than the trailer
// of scratch itself.
constexpr Size ScratchReserve(const Rules& rules) {
  const std::uint32_t trailer = TrailerSize(rules);
  const std::uint32_t part = trailer % rules.sector_size;
  const std::uint32_t in_first = part == 0 ? rules.sector_size : part;
  const std::uint32_t in_scratch = StatusEntrySize(rules) + InfoSize(rules);
  const std::uint32_t padding =
      in_scratch > in_first ? in_scratch - in_first : 0;
  return Size{trailer} + padding;
}

// Bytes at the slot's end that no image may reach into.
constexpr Size Reserve(const Rules& rules) {
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
  return Size{3} * rules.max_align + MagicSize(rules);  // down to swap_info
}

constexpr bool Swaps(Strategy strategy) {
  return strategy == Strategy::kSwapScratch ||
         strategy == Strategy::kSwapMove || strategy == Strategy::kSwapOffset;
}

// A bootloader that cannot list all sectors of a slot does not upgrade.
constexpr bool SectorsFit(const Rules& rules) {
  if (!Swaps(rules.strategy) && rules.sector_size == 0) return true;
  return rules.sector_size != 0 && rules.slot_size % rules.sector_size == 0 &&
         rules.slot_size / rules.sector_size <= rules.max_sectors;
}

constexpr std::uint32_t MaxImageEnd(const Rules& rules) {
  if (rules.max_align == 0 || rules.max_align > kMostAlign ||
      rules.align > kMostAlign || rules.max_sectors > kMostSectors ||
      rules.encryption_key_bits > kMostKeyBits) {
    return 0;
  }
  if (!SectorsFit(rules)) return 0;
  const Size reserve = Reserve(rules);
  if (reserve >= rules.slot_size) return 0;
  return static_cast<std::uint32_t>(rules.slot_size - reserve);
}

constexpr TrailerLayout LayOutTrailer(const Rules& rules) {
  const std::uint32_t cell = rules.max_align;
  TrailerLayout layout;
  layout.magic =
      rules.slot_size - static_cast<std::uint32_t>(kTrailerMagicBytes);
  layout.image_ok = rules.slot_size - MagicSize(rules) - cell;
  layout.copy_done = layout.image_ok - cell;
  layout.swap_info = layout.copy_done - cell;
  const std::uint32_t cells = rules.strategy == Strategy::kSwapOffset ? 2 : 1;
  layout.swap_size = layout.swap_info - cells * cell;
  layout.status = rules.slot_size - TrailerSize(rules);
  return layout;
}

}  // namespace bootseal::image::mcuboot::arithmetic

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_SLOT_ARITHMETIC_H_
