#include "firmware/image/gpt/gpt.h"

#include "firmware/image/crc32.h"

namespace bootseal::image::gpt {
namespace {

constexpr std::uint32_t kRevision = 0x00010000;
constexpr std::uint32_t kEntriesPerSector = kSectorBytes / kEntryBytes;
constexpr std::byte kSignature[] = {
    std::byte{'E'}, std::byte{'F'}, std::byte{'I'}, std::byte{' '},
    std::byte{'P'}, std::byte{'A'}, std::byte{'R'}, std::byte{'T'}};
constexpr std::size_t kCrcOffset = 16;

std::uint32_t HeaderCrc(Bytes header) {
  constexpr std::byte kZeros[4] = {};
  return Crc32()
      .Update(header.first(kCrcOffset))
      .Update(kZeros)
      .Update(header.subspan(kCrcOffset + 4))
      .value();
}

bool AllZero(Bytes bytes) {
  for (const std::byte byte : bytes) {
    if (byte != std::byte{0}) return false;
  }
  return true;
}

std::uint64_t SectorsOfEntries(const Header& header) {
  return (header.entry_count + kEntriesPerSector - 1) / kEntriesPerSector;
}

// The sectors of usable space, of both headers and of the entries: all on the
// disk, and none of them twice.
bool SectorsAreSound(const Header& header, std::uint64_t disk_sectors) {
  const std::uint64_t first = header.entries_sector;
  const std::uint64_t count = SectorsOfEntries(header);
  if (header.first_usable > header.last_usable ||
      header.last_usable >= disk_sectors || first >= disk_sectors ||
      count > disk_sectors - first) {
    return false;
  }
  const std::uint64_t last = first + count - 1;
  const auto usable = [&](std::uint64_t sector) {
    return sector >= header.first_usable && sector <= header.last_usable;
  };
  for (const std::uint64_t sector :
       {std::uint64_t{0}, header.own_sector, header.other_sector}) {
    if (usable(sector) || (sector >= first && sector <= last)) return false;
  }
  return last < header.first_usable || first > header.last_usable;
}

Error CheckEntries(Disk& disk, const Header& header) {
  std::array<std::byte, kSectorBytes> sector;
  Crc32 crc;
  std::size_t left = header.entry_count * kEntryBytes;
  for (std::uint64_t at = header.entries_sector; left > 0; ++at) {
    BOOTSEAL_TRY(disk.Read(at, sector));
    const std::size_t taken = left < kSectorBytes ? left : kSectorBytes;
    crc.Update(Bytes(sector).first(taken));
    left -= taken;
  }
  return crc.value() == header.entries_crc ? Error::kOk : Error::kGptCrc;
}

Result<Header> ReadTable(Disk& disk, std::uint64_t own) {
  std::array<std::byte, kSectorBytes> sector;
  BOOTSEAL_TRY(disk.Read(own, sector));
  const Result<Header> header = ReadHeader(sector, own, disk.sectors());
  if (!header.ok()) return header;
  BOOTSEAL_TRY(CheckEntries(disk, *header));
  return header;
}

bool SameName(const Partition& partition, Bytes name) {
  if (name.size() > kNameUnits) return false;
  for (std::size_t i = 0; i < kNameUnits; ++i) {
    const std::uint16_t wanted =
        i < name.size() ? static_cast<std::uint16_t>(name[i]) : 0;
    if (partition.name[i] != wanted) return false;
    if (wanted == 0) break;
  }
  return true;
}

// The first used entry that `matches`; one sector is read at a time.
template <typename Matches>
Result<Partition> Find(Disk& disk, const Header& header, Matches matches) {
  std::array<std::byte, kSectorBytes> sector;
  for (std::uint32_t i = 0; i < header.entry_count; ++i) {
    const std::uint32_t within = i % kEntriesPerSector;
    if (within == 0) {
      BOOTSEAL_TRY(
          disk.Read(header.entries_sector + i / kEntriesPerSector, sector));
    }
    const Result<Partition> entry =
        ReadPartition(Bytes(sector).subspan(within * kEntryBytes, kEntryBytes));
    if (!entry.ok()) return entry;
    // What is nobody's here may lie where it likes: the CRC covers it.
    if (entry->type.zero() || !matches(*entry)) continue;
    if (entry->first > entry->last || entry->first < header.first_usable ||
        entry->last > header.last_usable) {
      return Error::kGptEntry;
    }
    return entry;
  }
  return Error::kNoPartition;
}

}  // namespace

Result<Header> ReadHeader(Bytes sector, std::uint64_t own,
                          std::uint64_t disk_sectors) {
  Reader reader(sector);
  if (!Equal(reader.Take(sizeof kSignature), kSignature)) {
    return Error::kGptSignature;
  }
  const std::uint32_t revision = reader.U32();
  const std::uint32_t size = reader.U32();
  const std::uint32_t crc = reader.U32();
  const std::uint32_t reserved = reader.U32();
  Header header;
  header.own_sector = reader.U64();
  header.other_sector = reader.U64();
  header.first_usable = reader.U64();
  header.last_usable = reader.U64();
  header.disk = ReadGuid(reader);
  header.entries_sector = reader.U64();
  header.entry_count = reader.U32();
  header.entry_size = reader.U32();
  header.entries_crc = reader.U32();
  if (!reader.ok() || size != kHeaderBytes) return Error::kGptHeader;
  if (crc != HeaderCrc(sector.first(kHeaderBytes))) return Error::kGptCrc;
  if (revision != kRevision || reserved != 0 || !AllZero(reader.rest()) ||
      header.own_sector != own || header.entry_size != kEntryBytes ||
      header.entry_count == 0 || header.entry_count > kMaxEntries ||
      !SectorsAreSound(header, disk_sectors)) {
    return Error::kGptHeader;
  }
  return header;
}

Result<Partition> ReadPartition(Bytes entry) {
  Reader reader(entry);
  Partition partition;
  partition.type = ReadGuid(reader);
  partition.unique = ReadGuid(reader);
  partition.first = reader.U64();
  partition.last = reader.U64();
  partition.attributes = reader.U64();
  for (std::uint16_t& unit : partition.name) unit = reader.U16();
  if (!reader.ok()) return Error::kTruncated;
  return partition;
}

Result<Table> Table::Open(Disk& disk) {
  constexpr std::uint64_t kPrimary = 1;
  if (disk.sectors() <= kPrimary) return Error::kGptSignature;
  Table table;
  const Result<Header> primary = ReadTable(disk, kPrimary);
  if (primary.ok()) {
    table.header_ = *primary;
    return table;
  }
  const Result<Header> backup = ReadTable(disk, disk.sectors() - 1);
  if (!backup.ok()) return primary.error();
  table.header_ = *backup;
  table.primary_error_ = primary.error();
  return table;
}

Result<Partition> Table::At(Disk& disk, std::uint32_t index) const {
  if (index >= header_.entry_count) return Error::kNoPartition;
  std::array<std::byte, kSectorBytes> sector;
  BOOTSEAL_TRY(
      disk.Read(header_.entries_sector + index / kEntriesPerSector, sector));
  return ReadPartition(Bytes(sector).subspan(
      index % kEntriesPerSector * kEntryBytes, kEntryBytes));
}

Result<Partition> Table::FindByUnique(Disk& disk, const Guid& unique) const {
  return Find(disk, header_, [&](const Partition& partition) {
    return partition.unique == unique;
  });
}

Result<Partition> Table::FindByType(Disk& disk, const Guid& type) const {
  return Find(disk, header_, [&](const Partition& partition) {
    return partition.type == type;
  });
}

Result<Partition> Table::FindByName(Disk& disk, Bytes name) const {
  return Find(disk, header_, [&](const Partition& partition) {
    return SameName(partition, name);
  });
}

}  // namespace bootseal::image::gpt
