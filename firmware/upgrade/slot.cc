#include "firmware/upgrade/slot.h"

#include <array>

#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/judge.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/trailer.h"
#include "firmware/image/mcuboot/verifier.h"

namespace bootseal::upgrade {
namespace {

using image::Bytes;
using image::Error;
using image::MutableBytes;
using image::Result;
using image::Verified;
using image::mcuboot::FlagState;
using image::mcuboot::MagicState;
using image::mcuboot::Rules;
using image::mcuboot::SwapType;
using image::mcuboot::TrailerState;

// A multiple of every write size, and no larger than the smallest sector.
constexpr std::uint32_t kCopyBytes = 256;
constexpr std::uint32_t kMostAlign = 32;

bool AllErased(Bytes bytes) {
  for (const std::byte byte : bytes) {
    if (byte != boards::Flash().erased) return false;
  }
  return true;
}

bool Holds(const Rules& rules, std::uint8_t image, boards::Slot slot) {
  return boards::MappedFlash(boards::SlotOf(image, slot)).size() >=
         rules.slot_size;
}

// Rules for another address would pass what was linked for another board.
bool IsThere(const Rules& rules, std::uint8_t image) {
  const Bytes slot =
      boards::MappedFlash(boards::SlotOf(image, boards::Slot::kPrimary));
  return rules.slot_address == 0 ||
         rules.slot_address == reinterpret_cast<std::uintptr_t>(slot.data());
}

}  // namespace

std::uint32_t SectorSize(const Rules& rules) {
  return rules.sector_size != 0 ? rules.sector_size
                                : boards::Flash().sector_size;
}

Error CheckGeometry(const Rules& rules, std::uint8_t image) {
  const boards::FlashGeometry flash = boards::Flash();
  const std::uint32_t sector = SectorSize(rules);
  const bool fits =
      image::mcuboot::MaxImageEnd(rules) != 0 && rules.align != 0 &&
      rules.max_align >= rules.align && rules.align % flash.write_size == 0 &&
      sector % flash.sector_size == 0 && sector >= kCopyBytes &&
      rules.slot_size % sector == 0 &&
      Holds(rules, image, boards::Slot::kPrimary) &&
      Holds(rules, image, boards::Slot::kSecondary) && IsThere(rules, image);
  return fits ? Error::kOk : Error::kRules;
}

Slot::Slot(const Rules& rules, std::uint8_t image, boards::Slot place)
    : rules_(rules),
      image_(image),
      place_(boards::SlotOf(image, place)),
      layout_(image::mcuboot::LayOutTrailer(rules)) {}

Bytes Slot::bytes() const {
  return boards::MappedFlash(place_).first(rules_.slot_size);
}

Result<Verified> Slot::Verify() const {
  return image::mcuboot::Verify(rules_, bytes());
}

std::uint32_t Slot::StatedEnd() const {
  const Bytes slot = bytes();
  const Result<image::mcuboot::Header> header =
      image::mcuboot::ReadHeader(slot);
  if (!header.ok()) return 0;
  const std::uint64_t end = image::mcuboot::SignedSize(*header);
  if (end > slot.size()) return 0;
  const Result<image::mcuboot::AreaInfo> info =
      image::mcuboot::ReadAreaInfo(slot.subspan(static_cast<std::size_t>(end)));
  if (!info.ok() || info->magic != image::mcuboot::kUnprotectedMagic) return 0;
  const std::uint64_t all = end + info->size;
  return all <= image::mcuboot::MaxImageEnd(rules_)
             ? static_cast<std::uint32_t>(all)
             : 0;
}

Error Slot::Erase(std::uint32_t offset, std::uint32_t size) const {
  return boards::EraseFlash(place_, offset, size);
}

Error Slot::CopyFrom(const Slot& from, std::uint32_t from_offset,
                     std::uint32_t offset, std::uint32_t size) const {
  std::array<std::byte, kCopyBytes> buffer;
  for (std::uint32_t done = 0; done < size; done += kCopyBytes) {
    const std::uint32_t left = size - done;
    const MutableBytes chunk =
        MutableBytes(buffer).first(left < kCopyBytes ? left : kCopyBytes);
    if (boards::ReadFlash(from.place_, from_offset + done, chunk) !=
        Error::kOk) {
      image::Fill(chunk, boards::Flash().erased);
    }
    BOOTSEAL_TRY(boards::WriteFlash(place_, offset + done, chunk));
  }
  return Error::kOk;
}

FlagState Slot::Flag(std::uint32_t offset) const {
  std::byte flag{};
  if (boards::ReadFlash(place_, offset, MutableBytes(&flag, 1)) != Error::kOk) {
    return FlagState::kBad;
  }
  if (flag == boards::Flash().erased) return FlagState::kUnset;
  return flag == image::mcuboot::kFlagSet ? FlagState::kSet : FlagState::kBad;
}

TrailerState Slot::Trailer() const {
  TrailerState state;
  image::mcuboot::TrailerMagicBytes magic;
  const Error read = boards::ReadFlash(place_, layout_.magic, magic);
  const bool good = image::Equal(magic, image::mcuboot::TrailerMagic(rules_));
  state.magic = read != Error::kOk || !(good || AllErased(magic))
                    ? MagicState::kBad
                : good ? MagicState::kGood
                       : MagicState::kUnset;
  state.image_ok = Flag(layout_.image_ok);
  state.copy_done = Flag(layout_.copy_done);
  return state;
}

// Low half: the type; high half: the image's number.
SwapType Slot::SwapTypeWritten() const {
  std::byte info{};
  const Error read =
      boards::ReadFlash(place_, layout_.swap_info, MutableBytes(&info, 1));
  const auto type = static_cast<SwapType>(info & std::byte{0x0f});
  const bool is_one = read == Error::kOk && info >> 4 == std::byte{image_} &&
                      type >= SwapType::kTest && type <= SwapType::kRevert;
  return is_one ? type : SwapType{0};
}

Error Slot::WriteSwapType(SwapType type) const {
  const auto info =
      static_cast<std::byte>(static_cast<unsigned>(type) | image_ << 4);
  return WriteCell(layout_.swap_info, Bytes(&info, 1));
}

std::uint32_t Slot::SwapSizeWritten() const {
  std::array<std::byte, 4> size{};
  const Error read = boards::ReadFlash(place_, layout_.swap_size, size);
  return read == Error::kOk ? image::Reader(size).U32() : 0;
}

bool Slot::IsErased(std::uint32_t offset) const {
  std::array<std::byte, kMostAlign> buffer;
  const MutableBytes cell = MutableBytes(buffer).first(rules_.align);
  return boards::ReadFlash(place_, offset, cell) == Error::kOk &&
         AllErased(cell);
}

Error Slot::EraseTrailer() const {
  const std::uint32_t sector = SectorSize(rules_);
  std::uint32_t offset = rules_.slot_size;
  while (offset > layout_.status) {
    offset -= sector;
    BOOTSEAL_TRY(Erase(offset, sector));
  }
  return Error::kOk;
}

Error Slot::WriteCell(std::uint32_t offset, Bytes value) const {
  std::array<std::byte, kMostAlign> buffer;
  image::Fill(buffer, boards::Flash().erased);
  image::Copy(value, buffer);
  std::size_t size = rules_.align;
  while (size < value.size()) size += rules_.align;
  return boards::WriteFlash(place_, offset, Bytes(buffer).first(size));
}

Error Slot::WriteFlag(std::uint32_t offset) const {
  return WriteCell(offset, Bytes(&image::mcuboot::kFlagSet, 1));
}

Error Slot::WriteSwapSize(std::uint32_t size) const {
  std::array<std::byte, 4> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(size >> (8 * i));
  }
  return WriteCell(layout_.swap_size, bytes);
}

// It ends the slot: where a cell is larger, its beginning stays erased.
Error Slot::WriteMagic() const {
  std::array<std::byte, kMostAlign> buffer;
  image::Fill(buffer, boards::Flash().erased);
  const image::mcuboot::TrailerMagicBytes magic =
      image::mcuboot::TrailerMagic(rules_);
  const std::uint32_t size = rules_.max_align > magic.size()
                                 ? rules_.max_align
                                 : static_cast<std::uint32_t>(magic.size());
  image::Copy(magic, MutableBytes(buffer).subspan(size - magic.size()));
  return boards::WriteFlash(place_, rules_.slot_size - size,
                            Bytes(buffer).first(size));
}

}  // namespace bootseal::upgrade
