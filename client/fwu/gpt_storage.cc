#include "client/fwu/gpt_storage.h"

#include <array>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/metadata_store.h"
#include "firmware/image/crc32.h"
#include "firmware/image/gpt/gpt.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::fwu {
namespace {

namespace gpt = image::gpt;

class StorageDisk final : public gpt::Disk {
 public:
  explicit StorageDisk(Storage& storage) : storage_(storage) {}
  std::uint64_t sectors() const override {
    return storage_.size() / gpt::kSectorBytes;
  }
  image::Error Read(std::uint64_t sector, image::MutableBytes buffer) override {
    return storage_.Read(sector * gpt::kSectorBytes, buffer).ok()
               ? image::Error::kOk
               : image::Error::kStorage;
  }

 private:
  Storage& storage_;
};

absl::Status Missing(image::Error error, absl::string_view what) {
  if (error != image::Error::kNoPartition) {
    return base::Annotate(image::host::ToStatus(error),
                          absl::StrCat("partition ", what));
  }
  return base::Precondition(
      "PARTITION_MISSING",
      absl::StrCat("the partition table has no partition ", what));
}

Range RangeOf(const gpt::Partition& partition) {
  return {partition.first * gpt::kSectorBytes, partition.bytes()};
}

absl::StatusOr<Range> Named(StorageDisk& disk, const gpt::Table& table,
                            absl::string_view name) {
  const auto found = table.FindByName(disk, image::host::AsBytes(name));
  if (!found.ok()) return Missing(found.error(), name);
  return RangeOf(*found);
}

absl::Status AddBank(StorageDisk& disk, const gpt::Table& table,
                     const image::Guid& guid, Placement& placement) {
  if (guid.zero() || placement.Find(guid) != nullptr) return absl::OkStatus();
  const auto found = table.FindByUnique(disk, guid);
  if (!found.ok()) {
    return Missing(found.error(), image::host::FormatGuid(guid));
  }
  placement.images.push_back({guid, RangeOf(*found)});
  return absl::OkStatus();
}

// One of the two tables, as bytes.
struct Copy {
  image::Error error = image::Error::kOk;
  gpt::Header header;
  std::vector<std::byte> entries;
};

std::size_t EntrySectors(const gpt::Header& header) {
  return (header.entry_count * gpt::kEntryBytes + gpt::kSectorBytes - 1) /
         gpt::kSectorBytes;
}

Copy ReadCopy(StorageDisk& disk, std::uint64_t own) {
  std::array<std::byte, gpt::kSectorBytes> sector;
  if (disk.Read(own, sector) != image::Error::kOk) {
    return {image::Error::kStorage, {}, {}};
  }
  const auto header = gpt::ReadHeader(sector, own, disk.sectors());
  if (!header.ok()) return {header.error(), {}, {}};
  Copy copy{image::Error::kOk, *header,
            std::vector<std::byte>(EntrySectors(*header) * gpt::kSectorBytes)};
  for (std::size_t i = 0; i < EntrySectors(*header); ++i) {
    const auto part = std::span(copy.entries)
                          .subspan(i * gpt::kSectorBytes, gpt::kSectorBytes);
    if (disk.Read(header->entries_sector + i, part) != image::Error::kOk) {
      copy.error = image::Error::kStorage;
    }
  }
  const auto counted =
      std::span(copy.entries).first(header->entry_count * gpt::kEntryBytes);
  if (image::Crc32Of(counted) != header->entries_crc) {
    copy.error = image::Error::kGptCrc;
  }
  return copy;
}

// A unit may hold more than the sectors that change.
absl::Status WriteSectors(Storage& storage, std::uint64_t sector,
                          image::Bytes bytes) {
  const std::uint64_t offset = sector * gpt::kSectorBytes;
  const std::uint64_t first = offset / storage.unit() * storage.unit();
  const std::uint64_t end = (offset + bytes.size() + storage.unit() - 1) /
                            storage.unit() * storage.unit();
  std::vector<std::byte> units(static_cast<std::size_t>(end - first));
  RETURN_IF_ERROR(storage.Read(first, units));
  image::Copy(bytes, std::span(units).subspan(
                         static_cast<std::size_t>(offset - first)));
  RETURN_IF_ERROR(storage.Write(first, units));
  RETURN_IF_ERROR(storage.Flush());
  std::vector<std::byte> back(units.size());
  RETURN_IF_ERROR(storage.Read(first, back));
  if (back == units) return absl::OkStatus();
  return base::Unavailable(
      "STORAGE_READBACK",
      absl::StrCat("sector ", sector, " does not hold what was written"));
}

// Of a disk that was copied to one of another size, and of a table whose
// entries somebody moved, the other copy would come to lie among the
// partitions.
absl::Status CheckPlace(const gpt::Header& header, const gpt::Header& good,
                        std::uint64_t disk_sectors) {
  const std::uint64_t end = header.entries_sector + EntrySectors(header);
  const bool apart = header.own_sector == 1
                         ? end <= header.first_usable
                         : header.entries_sector > header.last_usable;
  if (good.other_sector == header.own_sector && apart) return absl::OkStatus();
  return base::Precondition(
      "GPT_MISPLACED",
      absl::StrCat("the good table has its other copy in sector ",
                   good.other_sector, " and partitions up to sector ",
                   good.last_usable, ", the disk has ", disk_sectors,
                   " sectors; write the image to a disk of its size, or move "
                   "the copy: sgdisk --move-second-header"));
}

// The table at `own` from `good`, which stands at the disk's other end.
absl::Status Rewrite(Storage& storage, const Copy& good, std::uint64_t own) {
  gpt::Header header = good.header;
  header.own_sector = own;
  header.other_sector = good.header.own_sector;
  header.entries_sector = own == 1 ? 2 : own - EntrySectors(header);
  RETURN_IF_ERROR(
      CheckPlace(header, good.header, StorageDisk(storage).sectors()));
  RETURN_IF_ERROR(WriteSectors(storage, header.entries_sector, good.entries));
  std::array<std::byte, gpt::kSectorBytes> sector{};
  gpt::WriteHeader(header, sector);
  return WriteSectors(storage, own, sector);
}

}  // namespace

absl::StatusOr<Placement> FindInGpt(Storage& storage,
                                    image::fwu::Geometry geometry) {
  StorageDisk disk(storage);
  const auto table = gpt::Table::Open(disk);
  if (!table.ok()) {
    return base::Annotate(image::host::ToStatus(table.error()),
                          "both partition tables are damaged");
  }
  Placement placement;
  ASSIGN_OR_RETURN(placement.metadata[0], Named(disk, *table, "metadata1"));
  ASSIGN_OR_RETURN(placement.metadata[1], Named(disk, *table, "metadata2"));
  ASSIGN_OR_RETURN(const StoredMetadata stored,
                   LoadMetadata(storage, placement, geometry));
  for (const image::fwu::Image& image : stored.metadata.entries()) {
    for (std::size_t bank = 0; bank < geometry.banks; ++bank) {
      RETURN_IF_ERROR(AddBank(disk, *table, image.banks[bank].guid, placement));
    }
  }
  RETURN_IF_ERROR(CheckPlacement(storage, placement));
  return placement;
}

GptHealth InspectGpt(Storage& storage) {
  StorageDisk disk(storage);
  if (disk.sectors() < 3) {
    return {image::Error::kGptHeader, image::Error::kGptHeader};
  }
  return {ReadCopy(disk, 1).error, ReadCopy(disk, disk.sectors() - 1).error};
}

absl::Status RepairGpt(Storage& storage) {
  const GptHealth health = InspectGpt(storage);
  if (health == GptHealth()) return absl::OkStatus();
  if (health.primary != image::Error::kOk &&
      health.backup != image::Error::kOk) {
    return base::Annotate(image::host::ToStatus(health.primary),
                          "both partition tables are damaged");
  }
  StorageDisk disk(storage);
  const std::uint64_t last = disk.sectors() - 1;
  return health.primary == image::Error::kOk
             ? Rewrite(storage, ReadCopy(disk, 1), last)
             : Rewrite(storage, ReadCopy(disk, last), 1);
}

}  // namespace bootseal::fwu
