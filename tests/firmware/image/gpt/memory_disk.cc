#include "tests/firmware/image/gpt/memory_disk.h"

#include <cstring>

#include "firmware/image/crc32.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {

using image::Bytes;
using image::Error;
using image::Guid;
using image::MutableBytes;
using namespace image::gpt;

namespace {

constexpr std::uint64_t kSectors = 256;
constexpr std::uint64_t kEntrySectors = 32;

MutableBytes SectorOf(std::string& disk, std::uint64_t sector) {
  return std::as_writable_bytes(std::span(disk))
      .subspan(sector * kSectorBytes, kSectorBytes);
}

}  // namespace

Error MemoryDisk::Read(std::uint64_t sector, MutableBytes buffer) {
  if (sector >= sectors() || sector == broken_ ||
      buffer.size() != kSectorBytes) {
    return Error::kStorage;
  }
  std::memcpy(buffer.data(), bytes_.data() + sector * kSectorBytes,
              kSectorBytes);
  return Error::kOk;
}

Partition NamedPartition(const std::string& name, const Guid& type,
                         const Guid& unique, std::uint64_t first,
                         std::uint64_t last) {
  Partition partition{.type = type,
                      .unique = unique,
                      .first = first,
                      .last = last,
                      .attributes = 0,
                      .name = {}};
  for (std::size_t i = 0; i < name.size(); ++i) {
    partition.name[i] = static_cast<std::uint8_t>(name[i]);
  }
  return partition;
}

std::string PartitionedDisk(const std::vector<Partition>& partitions) {
  std::string entries(kMaxEntries * kEntryBytes, '\0');
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    WritePartition(partitions[i], std::as_writable_bytes(std::span(entries))
                                      .subspan(i * kEntryBytes, kEntryBytes));
  }
  Header header{.own_sector = 1,
                .other_sector = kSectors - 1,
                .first_usable = 2 + kEntrySectors,
                .last_usable = kSectors - kEntrySectors - 2,
                .disk = image::MakeGuid(1, 2, 3, 4, 5),
                .entries_sector = 2,
                .entry_count = kMaxEntries,
                .entry_size = kEntryBytes,
                .entries_crc = image::Crc32Of(image::host::AsBytes(entries))};
  std::string disk(kSectors * kSectorBytes, '\0');
  WriteHeader(header, SectorOf(disk, 1));
  disk.replace(2 * kSectorBytes, entries.size(), entries);
  std::swap(header.own_sector, header.other_sector);
  header.entries_sector = kSectors - kEntrySectors - 1;
  WriteHeader(header, SectorOf(disk, kSectors - 1));
  disk.replace(header.entries_sector * kSectorBytes, entries.size(), entries);
  return disk;
}

std::string SmallFirmwareDisk() {
  return PartitionedDisk(
      {NamedPartition("metadata1", image::guids::kMetadata,
                      image::MakeGuid(6, 0, 0, 0, 1), 40, 40),
       NamedPartition("fip-a", image::guids::kFip, image::guids::kFipA, 48, 79),
       NamedPartition("fip-b", image::guids::kFip, image::guids::kFipB, 80,
                      222)});
}

}  // namespace bootseal::tests
