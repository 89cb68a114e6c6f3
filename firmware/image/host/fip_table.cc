#include "firmware/image/host/fip_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/bytes.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

constexpr std::uint32_t kMagic = 0xaa640001;
constexpr std::size_t kUuidBytes = 16;

struct Entry {
  bool last;
  std::uint64_t offset;
  std::uint64_t size;
};

Entry ReadEntry(Reader& reader) {
  const Bytes uuid = reader.Take(kUuidBytes);
  Entry entry{};
  entry.last = std::all_of(uuid.begin(), uuid.end(),
                           [](std::byte byte) { return byte == std::byte{0}; });
  entry.offset = reader.U64();
  entry.size = reader.U64();
  reader.U64();
  return entry;
}

absl::Status CheckInside(const Entry& entry, std::size_t number,
                         std::uint64_t room) {
  if (entry.size != 0 && entry.offset <= room &&
      entry.size <= room - entry.offset) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "FIP_TRUNCATED",
      absl::StrCat("image ", number, " of the FIP has ", entry.size,
                   " bytes at ", entry.offset, ", there are ", room));
}

absl::Status NoTable(absl::string_view why) {
  return base::Precondition("FIP_TABLE", why);
}

}  // namespace

absl::StatusOr<FipTable> ReadFipTable(absl::string_view front,
                                      std::uint64_t room) {
  Reader reader(AsBytes(front.substr(0, kFipFrontBytes)));
  if (reader.U32() != kMagic || !reader.ok()) {
    return base::Precondition("FIP_MAGIC",
                              "does not begin with a FIP's 01 00 64 aa");
  }
  if (reader.U32() == 0) return NoTable("the FIP's serial number is 0");
  reader.U64();
  FipTable table;
  for (;; ++table.images) {
    const Entry entry = ReadEntry(reader);
    if (!reader.ok()) break;
    if (entry.last && table.images == 0) {
      return NoTable("the FIP has no image");
    }
    if (entry.last) {
      table.size = entry.offset;
      return table;
    }
    RETURN_IF_ERROR(CheckInside(entry, table.images + 1, room));
  }
  return NoTable("the FIP's table of contents has no end");
}

}  // namespace bootseal::image::host
