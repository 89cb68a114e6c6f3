#include "client/layout/gpt_image.h"

#include <algorithm>
#include <array>

#include "base/status.h"
#include "firmware/image/crc32.h"
#include "firmware/image/crypto.h"
#include "firmware/image/gpt/gpt.h"
#include "firmware/image/host/convert.h"

namespace bootseal::layout {
namespace {

namespace gpt = image::gpt;
using image::host::ToString;

constexpr std::uint64_t kSector = gpt::kSectorBytes;
constexpr std::uint64_t kEntrySectors =
    gpt::kMaxEntries * gpt::kEntryBytes / kSector;
constexpr std::size_t kFirstMbrEntry = 446;

std::string ProtectiveMbr(std::uint64_t sectors) {
  std::array<std::byte, kSector> mbr{};
  image::Writer entry(image::MutableBytes(mbr).subspan(kFirstMbrEntry));
  entry.U8(0);
  for (const int byte : {0x00, 0x02, 0x00}) {
    entry.U8(static_cast<std::uint8_t>(byte));
  }
  entry.U8(0xee);
  entry.Repeat(std::byte{0xff}, 3);
  entry.U32(1);
  entry.U32(static_cast<std::uint32_t>(
      std::min<std::uint64_t>(sectors - 1, UINT32_MAX)));
  mbr[510] = std::byte{0x55};
  mbr[511] = std::byte{0xaa};
  return ToString(mbr);
}

gpt::Partition ToPartition(const Part& part) {
  gpt::Partition partition;
  partition.type = part.type;
  partition.unique = part.unique;
  partition.first = part.offset / kSector;
  partition.last = (part.offset + part.size) / kSector - 1;
  for (std::size_t i = 0; i < part.name.size() && i < gpt::kNameUnits; ++i) {
    partition.name[i] = static_cast<unsigned char>(part.name[i]);
  }
  return partition;
}

std::string EntriesOf(const std::vector<Part>& parts) {
  std::vector<std::byte> entries(kEntrySectors * kSector);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    gpt::WritePartition(ToPartition(parts[i]),
                        image::MutableBytes(entries).subspan(
                            i * gpt::kEntryBytes, gpt::kEntryBytes));
  }
  return ToString(entries);
}

std::string HeaderBytes(const gpt::Header& header) {
  std::array<std::byte, kSector> sector;
  gpt::WriteHeader(header, sector);
  return ToString(sector);
}

}  // namespace

image::Guid DerivedGuid(absl::string_view text) {
  const image::Digest digest =
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(text));
  image::Guid guid;
  image::Copy(digest.bytes(), guid.bytes);
  // In the third and fourth field as printed.
  guid.bytes[7] = (guid.bytes[7] & std::byte{0x0f}) | std::byte{0x80};
  guid.bytes[8] = (guid.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  return guid;
}

absl::Status PutPartitionTable(FlashImage& flash, const image::Guid& disk,
                               const std::vector<Part>& parts) {
  const std::uint64_t sectors = flash.size() / kSector;
  const std::string entries = EntriesOf(parts);
  gpt::Header header;
  header.own_sector = 1;
  header.other_sector = sectors - 1;
  header.first_usable = 2 + kEntrySectors;
  header.last_usable = sectors - 2 - kEntrySectors;
  header.disk = disk;
  header.entries_sector = 2;
  header.entry_count = gpt::kMaxEntries;
  header.entry_size = gpt::kEntryBytes;
  header.entries_crc = image::Crc32Of(image::host::AsBytes(entries));
  gpt::Header backup = header;
  std::swap(backup.own_sector, backup.other_sector);
  backup.entries_sector = sectors - 1 - kEntrySectors;

  RETURN_IF_ERROR(flash.Put(0, ProtectiveMbr(sectors)));
  RETURN_IF_ERROR(flash.Put(kSector, HeaderBytes(header)));
  RETURN_IF_ERROR(flash.Put(2 * kSector, entries));
  RETURN_IF_ERROR(flash.Put(backup.entries_sector * kSector, entries));
  return flash.Put(backup.own_sector * kSector, HeaderBytes(backup));
}

}  // namespace bootseal::layout
