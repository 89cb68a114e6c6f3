// GUID partition tables: the header in sector 1, its backup in the last sector,
// and the entries that each has. Sectors have 512 bytes. Nothing is kept: the
// reader goes through the entries twice, for their CRC and to find one, with
// one sector of the caller's at a time.
// Source: UEFI 2.10 section 5.3; facts: fwu 2.2, 2.6. Freestanding.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_GPT_GPT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_GPT_GPT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/guid.h"
#include "firmware/image/result.h"

namespace bootseal::image::gpt {

inline constexpr std::size_t kSectorBytes = 512;
inline constexpr std::size_t kHeaderBytes = 92;
inline constexpr std::size_t kEntryBytes = 128;
inline constexpr std::uint32_t kMaxEntries = 128;
inline constexpr std::size_t kNameUnits = 36;  // of UTF-16

struct Header {
  std::uint64_t own_sector = 0;
  std::uint64_t other_sector = 0;  // of the backup header, or the primary one
  std::uint64_t first_usable = 0;
  std::uint64_t last_usable = 0;
  Guid disk;
  std::uint64_t entries_sector = 0;
  std::uint32_t entry_count = 0;
  std::uint32_t entry_size = 0;  // 128
  std::uint32_t entries_crc = 0;
  friend constexpr bool operator==(const Header&, const Header&) = default;
};

struct Partition {
  Guid type;  // zeros: the entry is not used
  Guid unique;
  std::uint64_t first = 0;  // sector
  std::uint64_t last = 0;   // sector, inclusive
  std::uint64_t attributes = 0;
  std::array<std::uint16_t, kNameUnits> name{};  // UTF-16, zero-padded
  friend constexpr bool operator==(const Partition&,
                                   const Partition&) = default;

  constexpr std::uint64_t bytes() const {
    return (last - first + 1) * kSectorBytes;
  }
};

// Where sectors come from.
class Disk {
 public:
  virtual std::uint64_t sectors() const = 0;
  // Exactly kSectorBytes. kStorage when it cannot be read.
  virtual Error Read(std::uint64_t sector, MutableBytes buffer) = 0;

 protected:
  ~Disk() = default;
};

// A header as it stands in sector `own`. kGptSignature, kGptCrc, kGptHeader (a
// size, a count, a sector outside the disk, entries that overlap it, bytes
// behind the 92 that are not zero).
Result<Header> ReadHeader(Bytes sector, std::uint64_t own,
                          std::uint64_t disk_sectors);
Result<Partition> ReadPartition(Bytes entry);

// Write(Read(x)) is x. Signing side: not linked into a device.
void WriteHeader(const Header& header, MutableBytes sector);
void WritePartition(const Partition& partition, MutableBytes entry);

// A table whose header and entries have the right CRCs: the primary one, or the
// backup when that is damaged.
class Table {
 public:
  // The primary's error when both are damaged; kStorage.
  static Result<Table> Open(Disk& disk);

  const Header& header() const { return header_; }
  // The backup was taken, because the primary has `primary_error`.
  bool from_backup() const { return primary_error_ != Error::kOk; }
  Error primary_error() const { return primary_error_; }

  // Entry `index`, below header().entry_count; unused ones too.
  Result<Partition> At(Disk& disk, std::uint32_t index) const;
  // The first used entry; kNoPartition when there is none, kGptEntry when a
  // used entry lies outside the usable sectors.
  Result<Partition> FindByUnique(Disk& disk, const Guid& unique) const;
  Result<Partition> FindByType(Disk& disk, const Guid& type) const;
  // `name` in ASCII.
  Result<Partition> FindByName(Disk& disk, Bytes name) const;

  constexpr Table() = default;

 private:
  Header header_;
  Error primary_error_ = Error::kOk;
};

}  // namespace bootseal::image::gpt

#endif  // BOOTSEAL_FIRMWARE_IMAGE_GPT_GPT_H_
