// Any bytes as a disk, and as a header and entries whose CRCs fit: what is
// found lies on the disk, and what is read is written again as it was.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/image/crc32.h"
#include "firmware/image/gpt/gpt.h"

namespace {

using namespace bootseal::image;
using namespace bootseal::image::gpt;

constexpr std::size_t kSectors = 80;

void Demand(bool holds) {
  if (!holds) std::abort();
}

class FuzzDisk final : public Disk {
 public:
  explicit FuzzDisk(Bytes bytes) { Copy(bytes, bytes_); }

  std::uint64_t sectors() const override { return kSectors; }
  Error Read(std::uint64_t sector, MutableBytes buffer) override {
    Demand(sector < kSectors && buffer.size() == kSectorBytes);
    Copy(Sector(sector), buffer);
    return Error::kOk;
  }
  MutableBytes Sector(std::uint64_t sector) {
    return MutableBytes(bytes_).subspan(sector * kSectorBytes, kSectorBytes);
  }
  // The primary header's CRCs are made to fit what it says.
  void Seal() {
    const MutableBytes header = Sector(1);
    Reader reader(header.subspan(72));
    const std::uint64_t first = reader.U64();
    const std::uint64_t size = std::uint64_t{reader.U32()} * kEntryBytes;
    if (first < kSectors && size <= (kSectors - first) * kSectorBytes) {
      Writer(header.subspan(88))
          .U32(Crc32Of(Bytes(bytes_).subspan(first * kSectorBytes, size)));
    }
    Writer(header.subspan(16)).U32(0);
    Writer(header.subspan(16)).U32(Crc32Of(header.first(kHeaderBytes)));
  }

 private:
  std::array<std::byte, kSectors * kSectorBytes> bytes_{};
};

void RequireSound(FuzzDisk& disk) {
  const auto table = Table::Open(disk);
  if (!table.ok()) return;
  std::array<std::byte, kSectorBytes> sector;
  WriteHeader(table->header(), sector);
  Demand(Equal(sector, disk.Sector(table->header().own_sector)));
  for (std::uint32_t i = 0; i < table->header().entry_count; ++i) {
    const auto entry = table->At(disk, i);
    Demand(entry.ok());
    const auto found = table->FindByUnique(disk, entry->unique);
    (void)table->FindByType(disk, entry->type);
    if (found.ok()) {
      Demand(found->first <= found->last && found->last < kSectors);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  FuzzDisk disk(std::as_bytes(std::span(data, size)));
  RequireSound(disk);
  disk.Seal();
  RequireSound(disk);
  return 0;
}
