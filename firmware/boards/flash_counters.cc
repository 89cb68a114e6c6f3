// Counters in two sectors of flash (kCounterArea), for boards that have none in
// hardware. A record holds all counters and their complements; the highest one
// counts. Records are appended to the sector that holds the highest; when that
// is full, the other one is erased and begun.
//
//   0    u32 counter of image 0
//   4    u32 counter of image 1
//   8    the complements of both
//
// A write or an erasure that was cut short changes bits in one direction only:
// no record becomes another one by it. Erased, it is none, nor is one of zeros.
#include <array>

#include "firmware/boards/counters.h"
#include "firmware/boards/flash.h"

namespace bootseal::boards {
namespace {

using image::Error;
using image::MutableBytes;
using image::Result;

constexpr std::uint32_t kSectors = 2;
constexpr std::uint32_t kRecordBytes = 2 * kCounters * sizeof(std::uint32_t);
constexpr std::uint32_t kMostRecordBytes = 32;  // the largest write

using Values = std::array<std::uint32_t, kCounters>;
using Buffer = std::array<std::byte, kMostRecordBytes>;

// Bytes from one record to the next: whole writes.
std::uint32_t Pitch() {
  const std::uint32_t unit = Flash().write_size;
  return unit > kRecordBytes ? unit : kRecordBytes;
}

bool IsErased(image::Bytes bytes) {
  for (const std::byte byte : bytes) {
    if (byte != Flash().erased) return false;
  }
  return true;
}

// False when there is no record.
bool Decode(image::Bytes bytes, Values& values) {
  image::Reader reader(bytes);
  for (std::uint32_t& value : values) value = reader.U32();
  std::uint32_t wrong = 0;
  for (const std::uint32_t value : values) wrong |= reader.U32() ^ ~value;
  return wrong == 0;
}

struct Journal {
  Values values{};           // the highest record's
  std::uint32_t sector = 0;  // that holds it
  std::uint32_t free = 0;    // offset in the area of the next record; 0: none
};

// Records lie one behind the other: the first that is erased ends a sector. One
// behind it could only be left of an erasure that was cut short, and lower.
// Unreadable bytes are those of a write that was cut short.
Journal ReadJournal() {
  const std::uint32_t sector_size = Flash().sector_size;
  const std::uint32_t pitch = Pitch();
  Journal journal;
  for (std::uint32_t sector = 0; sector < kSectors; ++sector) {
    const std::uint32_t begin = sector * sector_size;
    std::uint32_t used = begin;
    bool highest = false;
    for (std::uint32_t at = begin; at + pitch <= begin + sector_size;
         at += pitch) {
      Buffer buffer{};
      const MutableBytes bytes = MutableBytes(buffer).first(pitch);
      const bool readable = ReadFlash(kCounterArea, at, bytes) == Error::kOk;
      if (readable && IsErased(bytes)) break;
      used = at + pitch;
      Values values;
      if (!readable || !Decode(bytes, values)) continue;
      if (values[0] < journal.values[0] || values[1] < journal.values[1]) {
        continue;
      }
      journal.values = values;
      journal.sector = sector;
      highest = true;
    }
    if (!highest) continue;
    journal.free = used + pitch <= begin + sector_size ? used : 0;
  }
  return journal;
}

Error WriteRecord(std::uint32_t offset, const Values& values) {
  Buffer buffer;
  const MutableBytes bytes = MutableBytes(buffer).first(Pitch());
  image::Fill(bytes, Flash().erased);
  for (std::uint32_t i = 0; i < kCounters; ++i) {
    for (std::uint32_t byte = 0; byte < sizeof(std::uint32_t); ++byte) {
      const auto value = static_cast<std::byte>(values[i] >> (8 * byte));
      bytes[4 * i + byte] = value;
      bytes[4 * (kCounters + i) + byte] = ~value;
    }
  }
  BOOTSEAL_TRY(WriteFlash(kCounterArea, offset, bytes));
  Buffer again{};
  const MutableBytes read = MutableBytes(again).first(Pitch());
  BOOTSEAL_TRY(ReadFlash(kCounterArea, offset, read));
  return image::Equal(read, bytes) ? Error::kOk : Error::kStorage;
}

}  // namespace

std::uint32_t HighestCounter() { return 0xffffffff; }

Result<std::uint32_t> ReadCounter(std::uint8_t image) {
  if (image >= kCounters) return Error::kStorage;
  return ReadJournal().values[image];
}

Error RaiseCounter(std::uint8_t image, std::uint32_t value) {
  if (image >= kCounters) return Error::kStorage;
  Journal journal = ReadJournal();
  if (value <= journal.values[image]) return Error::kOk;
  journal.values[image] = value;
  if (journal.free != 0 &&
      WriteRecord(journal.free, journal.values) == Error::kOk) {
    return Error::kOk;
  }
  // The sector is full, or its next record does not take the bits; the other
  // one holds nothing that is not below.
  const std::uint32_t other =
      (journal.sector + 1) % kSectors * Flash().sector_size;
  BOOTSEAL_TRY(EraseFlash(kCounterArea, other, Flash().sector_size));
  return WriteRecord(other, journal.values);
}

}  // namespace bootseal::boards
