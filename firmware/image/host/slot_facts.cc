#include "firmware/image/host/slot_facts.h"

#include <algorithm>
#include <array>

#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::image::host {
namespace {

using mcuboot::kTrailerMagicBytes;
using mcuboot::Rules;

constexpr std::uint32_t kMaxAligns[] = {8, 16, 32};

std::uint64_t AlignUp(std::uint64_t value, std::uint64_t unit) {
  return unit == 0 ? value : (value + unit - 1) / unit * unit;
}

std::array<std::byte, kTrailerMagicBytes> MagicOf(std::uint32_t max_align) {
  std::array<std::byte, kTrailerMagicBytes> magic{};
  Rules rules;
  rules.max_align = max_align;
  const auto written = mcuboot::WriteTrailer(rules, mcuboot::TrailerKind::kPad,
                                             std::byte{0xff}, magic);
  return written.ok() ? magic : decltype(magic){};
}

bool IsErased(Bytes bytes, std::byte erased) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [erased](std::byte byte) { return byte == erased; });
}

TrailerFlag FlagAt(Bytes file, std::uint64_t offset, std::byte erased) {
  if (offset >= file.size()) return TrailerFlag::kAbsent;
  const std::byte value = file[offset];
  if (value == std::byte{0x01}) return TrailerFlag::kSet;
  return value == erased ? TrailerFlag::kUnset : TrailerFlag::kBad;
}

TrailerMagic MagicAt(const Rules& rules, Bytes file, std::uint64_t offset,
                     std::byte erased) {
  if (offset + kTrailerMagicBytes > file.size()) return TrailerMagic::kAbsent;
  const Bytes magic = file.subspan(offset, kTrailerMagicBytes);
  const std::uint32_t align = MaxAlignOfMagic(magic);
  if (align == rules.max_align) return TrailerMagic::kGood;
  if (align != 0) return TrailerMagic::kOther;
  return IsErased(magic, erased) ? TrailerMagic::kUnset : TrailerMagic::kBad;
}

// The end of the first magic behind the image: where some slot would end.
std::uint64_t FindPaddedEnd(Bytes file, std::uint64_t image_end) {
  std::uint64_t found = 0;
  for (const std::uint32_t align : kMaxAligns) {
    const auto magic = MagicOf(align);
    const Bytes rest = file.subspan(std::min<std::size_t>(
        file.size(), static_cast<std::size_t>(image_end)));
    const auto at =
        std::search(rest.begin(), rest.end(), magic.begin(), magic.end());
    if (at == rest.end()) continue;
    const auto offset = static_cast<std::uint64_t>(at - rest.begin());
    const std::uint64_t end = image_end + offset + kTrailerMagicBytes;
    found = found == 0 ? end : std::min(found, end);
  }
  return found;
}

}  // namespace

std::uint32_t ImgtoolLimit(const Rules& rules) {
  const std::uint64_t cell = rules.max_align;
  const std::uint64_t magic = AlignUp(kTrailerMagicBytes, cell);
  const std::uint64_t trailer =
      rules.strategy == mcuboot::Strategy::kOverwriteOnly
          ? 2 * cell + magic
          : std::uint64_t{rules.max_sectors} * 3 * rules.align + 4 * cell +
                magic;
  return trailer >= rules.slot_size
             ? 0
             : static_cast<std::uint32_t>(rules.slot_size - trailer);
}

std::uint32_t MaxAlignOfMagic(Bytes magic) {
  for (const std::uint32_t align : kMaxAligns) {
    if (Equal(magic, MagicOf(align))) return align;
  }
  return 0;
}

TrailerFacts ReadTrailer(const Rules& rules, Bytes file, std::byte erased) {
  TrailerFacts facts;
  const std::uint64_t slot = rules.slot_size;
  const std::uint64_t cell = rules.max_align;
  const std::uint64_t below_magic = AlignUp(kTrailerMagicBytes, cell);
  if (slot < below_magic + 3 * cell) return facts;
  facts.magic_offset = slot - kTrailerMagicBytes;
  facts.magic = MagicAt(rules, file, facts.magic_offset, erased);
  if (facts.magic == TrailerMagic::kAbsent) return facts;
  facts.magic_align =
      MaxAlignOfMagic(file.subspan(facts.magic_offset, kTrailerMagicBytes));
  facts.image_ok = FlagAt(file, slot - below_magic - cell, erased);
  facts.copy_done = FlagAt(file, slot - below_magic - 2 * cell, erased);
  const std::byte info = file[slot - below_magic - 3 * cell];
  if (info != erased) {
    facts.swap_info = static_cast<std::uint8_t>(info);
  }
  return facts;
}

SlotFacts ReadSlotFacts(const Rules& rules, Bytes file, std::uint64_t image_end,
                        std::byte erased) {
  SlotFacts facts;
  facts.file_size = file.size();
  facts.image_end = image_end;
  facts.slot_size = rules.slot_size;
  facts.limit = mcuboot::MaxImageEnd(rules);
  facts.imgtool_limit = ImgtoolLimit(rules);
  facts.trailer = ReadTrailer(rules, file, erased);
  if (facts.trailer.magic_align != 0) {
    facts.padded_for = rules.slot_size;
  } else if (image_end != 0) {
    facts.padded_for = FindPaddedEnd(file, image_end);
  }
  return facts;
}

}  // namespace bootseal::image::host
