#include "tests/firmware/upgrade/simulated_flash.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "firmware/boards/board.h"

namespace bootseal::tests {
namespace {

using boards::FlashGeometry;
using image::Bytes;
using image::Error;
using image::MutableBytes;

SimulatedFlash* current = nullptr;

}  // namespace

SimulatedFlash::SimulatedFlash(FlashGeometry geometry, std::uint32_t slot_size)
    : geometry_(geometry) {
  for (Memory& memory : slots_) {
    memory.bytes.assign(slot_size, geometry.erased);
    memory.cells.assign(slot_size / geometry.write_size, Cell::kErased);
  }
  current = this;
}

SimulatedFlash::~SimulatedFlash() {
  if (current == this) current = nullptr;
}

SimulatedFlash& SimulatedFlash::Current() {
  if (current == nullptr) std::abort();
  return *current;
}

SimulatedFlash::Memory& SimulatedFlash::Of(boards::Slot slot) {
  return slots_[static_cast<std::size_t>(slot)];
}

const SimulatedFlash::Memory& SimulatedFlash::Of(boards::Slot slot) const {
  return slots_[static_cast<std::size_t>(slot)];
}

void SimulatedFlash::Put(boards::Slot slot, std::uint32_t offset,
                         const std::string& bytes) {
  Memory& memory = Of(slot);
  for (std::uint32_t i = 0; i < bytes.size(); ++i) {
    memory.bytes[offset + i] = static_cast<std::byte>(bytes[i]);
    memory.cells[(offset + i) / geometry_.write_size] = Cell::kProgrammed;
  }
}

std::string SimulatedFlash::Get(boards::Slot slot, std::uint32_t offset,
                                std::uint32_t size) const {
  const Bytes bytes = Mapped(slot).subspan(offset, size);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void SimulatedFlash::PowerOn() {
  off_ = false;
  cut_.reset();
}

Bytes SimulatedFlash::Mapped(boards::Slot slot) const { return Of(slot).bytes; }

Error SimulatedFlash::Read(boards::Slot slot, std::uint32_t offset,
                           MutableBytes to) const {
  const Memory& memory = Of(slot);
  if (offset + to.size() > memory.bytes.size()) return Error::kStorage;
  image::Copy(Bytes(memory.bytes).subspan(offset, to.size()), to);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const Cell cell = memory.cells[(offset + i) / geometry_.write_size];
    if (cell == Cell::kUnreadable) return Error::kStorage;
  }
  return Error::kOk;
}

Error SimulatedFlash::Refuse(const char* what, std::uint32_t offset,
                             std::size_t size) {
  violations_.push_back(absl::StrFormat("%s at 0x%x, 0x%x bytes (operation %d)",
                                        what, offset, size, log_.size()));
  return Error::kStorage;
}

std::optional<Cut> SimulatedFlash::Begin(const Operation& operation) {
  log_.push_back(operation);
  if (!cut_ || cut_->operation + 1 != log_.size()) return std::nullopt;
  off_ = true;
  return cut_;
}

Error SimulatedFlash::Write(boards::Slot slot, std::uint32_t offset,
                            Bytes from) {
  if (off_) return Error::kStorage;
  Memory& memory = Of(slot);
  const std::uint32_t unit = geometry_.write_size;
  if (offset % unit != 0 || from.size() % unit != 0 || from.empty() ||
      offset + from.size() > memory.bytes.size()) {
    return Refuse("unaligned write", offset, from.size());
  }
  for (std::size_t i = 0; i < from.size(); i += unit) {
    if (memory.cells[(offset + i) / unit] != Cell::kErased) {
      return Refuse("write to what is not erased", offset, from.size());
    }
  }
  const auto size = static_cast<std::uint32_t>(from.size());
  const auto torn = Begin({Operation::Kind::kWrite, slot, offset, size});
  Tears(memory, offset, from, torn.value_or(Cut{0, Tear::kAll, 0}),
        Operation::Kind::kWrite);
  if (spoilt_ && *spoilt_ + 1 == log_.size()) {
    memory.bytes[offset] ^= std::byte{1};
  }
  return torn ? Error::kStorage : Error::kOk;
}

Error SimulatedFlash::Erase(boards::Slot slot, std::uint32_t offset,
                            std::uint32_t size) {
  Memory& memory = Of(slot);
  const std::uint32_t sector = geometry_.sector_size;
  if (offset % sector != 0 || size % sector != 0 || size == 0 ||
      offset + size > memory.bytes.size()) {
    return Refuse("unaligned erasure", offset, size);
  }
  const std::vector<std::byte> erased(sector, geometry_.erased);
  for (const std::uint32_t end = offset + size; offset < end;
       offset += sector) {
    if (off_) return Error::kStorage;
    const auto torn = Begin({Operation::Kind::kErase, slot, offset, sector});
    Tears(memory, offset, erased, torn.value_or(Cut{0, Tear::kAll, 0}),
          Operation::Kind::kErase);
    if (torn) return Error::kStorage;
  }
  return Error::kOk;
}

std::uint32_t SimulatedFlash::Random() {
  random_ = random_ * 1664525 + 1013904223;  // Numerical Recipes
  return random_ >> 8;
}

// Bits go one way while they are programmed and the other while they are
// erased: `to_be` against what is there tells which are on their way.
void SimulatedFlash::Tears(Memory& memory, std::uint32_t offset, Bytes to_be,
                           const Cut& cut, Operation::Kind kind) {
  if (cut.tear == Tear::kNothing) return;
  const std::uint32_t unit = geometry_.write_size;
  random_ = static_cast<std::uint32_t>(cut.operation) * 31 + cut.split + 1;
  for (std::uint32_t i = 0; i < to_be.size(); ++i) {
    const bool done = cut.tear == Tear::kAll ||
                      (cut.tear == Tear::kFront && i < cut.split) ||
                      (cut.tear == Tear::kBack && i >= cut.split);
    std::byte& byte = memory.bytes[offset + i];
    Cell& cell = memory.cells[(offset + i) / unit];
    const bool unreadable = cut.tear == Tear::kUnreadable;
    const bool bits = cut.tear == Tear::kBits || unreadable;
    if (!done && !bits) continue;
    const std::byte mask{
        static_cast<std::uint8_t>(done ? 0xff : Random() & 0xff)};
    const std::byte old = byte;
    byte = (byte & ~mask) | (to_be[i] & mask);
    if (unreadable) {
      cell = Cell::kUnreadable;
    } else if (kind == Operation::Kind::kWrite) {
      // A whole unit of erased bytes is programmed all the same; of one that
      // was cut short there must be something to see.
      const std::uint32_t begin = i / unit * unit;
      const bool whole =
          cut.tear == Tear::kAll ||
          (cut.tear == Tear::kFront && begin + unit <= cut.split) ||
          (cut.tear == Tear::kBack && begin >= cut.split);
      if (whole || byte != old) cell = Cell::kProgrammed;
    } else {
      // Only a whole erasure is one.
      cell = cut.tear == Tear::kAll ? Cell::kErased : Cell::kProgrammed;
    }
  }
}

}  // namespace bootseal::tests

namespace bootseal::boards {

using tests::SimulatedFlash;

FlashGeometry Flash() { return SimulatedFlash::Current().geometry(); }

image::Bytes MappedFlash(Slot slot) {
  return SimulatedFlash::Current().Mapped(slot);
}

image::Error ReadFlash(Slot slot, std::uint32_t offset,
                       image::MutableBytes to) {
  return SimulatedFlash::Current().Read(slot, offset, to);
}

image::Error WriteFlash(Slot slot, std::uint32_t offset, image::Bytes from) {
  return SimulatedFlash::Current().Write(slot, offset, from);
}

image::Error EraseFlash(Slot slot, std::uint32_t offset, std::uint32_t size) {
  return SimulatedFlash::Current().Erase(slot, offset, size);
}

image::Bytes PrimarySlot() { return MappedFlash(Slot::kPrimary); }

}  // namespace bootseal::boards
