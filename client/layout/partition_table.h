// MBR and both GPTs of a disk, as they are: what is wrong is told, not refused.
// Sectors have 512 bytes. Source: UEFI 2.10 sections 5.2, 5.3; the sectors are
// read by firmware/image/gpt. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LAYOUT_PARTITION_TABLE_H_
#define BOOTSEAL_CLIENT_LAYOUT_PARTITION_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/fwu/byte_source.h"
#include "client/fwu/storage.h"
#include "firmware/image/gpt/gpt.h"

namespace bootseal::layout {

inline constexpr std::uint64_t kSector = image::gpt::kSectorBytes;

struct MasterBootRecord {
  bool signature = false;  // 55 aa
  std::uint8_t type = 0;   // of the first entry; 0xee: protective
  std::uint32_t first = 0;
  std::uint32_t sectors = 0;
};

struct Entry {
  std::uint32_t number = 0;  // from 1, as sgdisk has it
  image::gpt::Partition partition;
  std::string name;  // UTF-8; a code unit above 0xff becomes "?"
  bool single_byte_name = true;

  bool used() const { return !partition.type.zero(); }
  std::uint64_t offset() const { return partition.first * kSector; }
  // 0 when it ends before it begins.
  std::uint64_t size() const {
    return partition.last < partition.first ? 0 : partition.bytes();
  }
  fwu::Range range() const { return {offset(), size()}; }
};

struct TableCopy {
  image::Error error = image::Error::kOk;  // as gpt::ReadHeader; kGptCrc
  std::uint64_t sector = 0;                // of the header
  // Sectors of the disk that it describes: more than there are when the disk
  // was cut.
  std::uint64_t disk_sectors = 0;
  image::gpt::Header header;
  std::vector<Entry> entries;  // unused ones too

  bool ok() const { return error == image::Error::kOk; }
};

struct PartitionTable {
  MasterBootRecord mbr;
  TableCopy primary;
  // In the last sector, or where the primary says when nothing is there.
  TableCopy backup;

  // The primary when it is good, the backup when only that is; nullptr.
  const TableCopy* good() const;
};

PartitionTable ReadPartitionTable(fwu::ByteSource& disk);

// Whether anything says that there is a partition table.
bool LooksPartitioned(const PartitionTable& table);

// The first used entry; nullptr.
const Entry* FindByName(const TableCopy& table, absl::string_view name);
const Entry* FindByUnique(const TableCopy& table, const image::Guid& unique);
const Entry* FindByType(const TableCopy& table, const image::Guid& type);

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_PARTITION_TABLE_H_
