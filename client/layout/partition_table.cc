#include "client/layout/partition_table.h"

#include <algorithm>
#include <array>

#include "firmware/image/crc32.h"

namespace bootseal::layout {
namespace {

namespace gpt = image::gpt;
using image::Error;

constexpr std::uint8_t kProtective = 0xee;
constexpr std::size_t kEntriesOfMbr = 446;
constexpr std::size_t kOtherSector = 32;  // in a GPT header

using Sector = std::array<std::byte, kSector>;

std::uint64_t SectorsOf(const fwu::ByteSource& disk) {
  return disk.size() / kSector;
}

Error ReadSector(fwu::ByteSource& disk, std::uint64_t sector, Sector& bytes) {
  if (sector >= SectorsOf(disk)) return Error::kStorage;
  return disk.ReadAt(sector * kSector, bytes).ok() ? Error::kOk
                                                   : Error::kStorage;
}

MasterBootRecord ReadMbr(fwu::ByteSource& disk) {
  Sector sector;
  MasterBootRecord mbr;
  if (ReadSector(disk, 0, sector) != Error::kOk) return mbr;
  mbr.signature =
      sector[510] == std::byte{0x55} && sector[511] == std::byte{0xaa};
  image::Reader entry(image::Bytes(sector).subspan(kEntriesOfMbr, 16));
  entry.Take(4);
  mbr.type = entry.U8();
  entry.Take(3);
  mbr.first = entry.U32();
  mbr.sectors = entry.U32();
  return mbr;
}

Entry ToEntry(std::uint32_t number, const gpt::Partition& partition) {
  Entry entry{number, partition, "", true};
  for (const std::uint16_t unit : partition.name) {
    if (unit > 0xff) entry.single_byte_name = false;
    if (unit == 0) break;
    entry.name.push_back(unit < 0x80 ? static_cast<char>(unit) : '?');
  }
  return entry;
}

// Checks their CRC; kStorage when they cannot be read.
Error ReadEntries(fwu::ByteSource& disk, TableCopy& copy) {
  const std::size_t size = copy.header.entry_count * gpt::kEntryBytes;
  const std::uint64_t first = copy.header.entries_sector;
  if (first >= SectorsOf(disk) || size > disk.size() - first * kSector) {
    return Error::kStorage;
  }
  std::vector<std::byte> bytes(size);
  if (!disk.ReadAt(first * kSector, bytes).ok()) return Error::kStorage;
  if (image::Crc32Of(bytes) != copy.header.entries_crc) return Error::kGptCrc;
  for (std::uint32_t i = 0; i < copy.header.entry_count; ++i) {
    const auto partition = gpt::ReadPartition(
        image::Bytes(bytes).subspan(i * gpt::kEntryBytes, gpt::kEntryBytes));
    copy.entries.push_back(ToEntry(i + 1, *partition));
  }
  return Error::kOk;
}

// The disk that a primary header describes ends with its backup.
std::uint64_t ClaimedSectors(image::Bytes sector) {
  const std::uint64_t last = image::Reader(sector.subspan(kOtherSector)).U64();
  return last < UINT64_MAX ? last + 1 : last;
}

TableCopy ReadCopy(fwu::ByteSource& disk, std::uint64_t own) {
  TableCopy copy;
  copy.sector = own;
  copy.disk_sectors = SectorsOf(disk);
  Sector sector;
  copy.error = ReadSector(disk, own, sector);
  if (!copy.ok()) return copy;
  auto header = gpt::ReadHeader(sector, own, copy.disk_sectors);
  if (header.error() == Error::kGptHeader &&
      ClaimedSectors(sector) > copy.disk_sectors) {
    const std::uint64_t claimed = ClaimedSectors(sector);
    header = gpt::ReadHeader(sector, own, claimed);
    if (header.ok()) copy.disk_sectors = claimed;
  }
  copy.error = header.error();
  if (!copy.ok()) return copy;
  copy.header = *header;
  copy.error = ReadEntries(disk, copy);
  return copy;
}

TableCopy ReadBackup(fwu::ByteSource& disk, const TableCopy& primary) {
  const std::uint64_t sectors = SectorsOf(disk);
  TableCopy last = ReadCopy(disk, sectors == 0 ? 0 : sectors - 1);
  const std::uint64_t named = primary.header.other_sector;
  if (last.ok() || !primary.ok() || named >= sectors) return last;
  TableCopy there = ReadCopy(disk, named);
  return there.ok() ? there : last;
}

template <typename Matches>
const Entry* Find(const TableCopy& table, Matches matches) {
  for (const Entry& entry : table.entries) {
    if (entry.used() && matches(entry)) return &entry;
  }
  return nullptr;
}

}  // namespace

const TableCopy* PartitionTable::good() const {
  if (primary.ok()) return &primary;
  return backup.ok() ? &backup : nullptr;
}

PartitionTable ReadPartitionTable(fwu::ByteSource& disk) {
  PartitionTable table;
  table.mbr = ReadMbr(disk);
  table.primary = ReadCopy(disk, 1);
  table.backup = ReadBackup(disk, table.primary);
  return table;
}

bool LooksPartitioned(const PartitionTable& table) {
  const auto marked = [](const TableCopy& copy) {
    return copy.ok() || (copy.error != Error::kGptSignature &&
                         copy.error != Error::kStorage);
  };
  return table.mbr.signature || table.mbr.type == kProtective ||
         marked(table.primary) || marked(table.backup);
}

const Entry* FindByName(const TableCopy& table, absl::string_view name) {
  return Find(table, [&](const Entry& entry) {
    return entry.single_byte_name && entry.name == name;
  });
}

const Entry* FindByUnique(const TableCopy& table, const image::Guid& unique) {
  return Find(table, [&](const Entry& entry) {
    return entry.partition.unique == unique;
  });
}

const Entry* FindByType(const TableCopy& table, const image::Guid& type) {
  return Find(table,
              [&](const Entry& entry) { return entry.partition.type == type; });
}

}  // namespace bootseal::layout
