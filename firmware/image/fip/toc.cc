#include "firmware/image/fip/toc.h"

namespace bootseal::image::fip {
namespace {

constexpr std::uint32_t kName = 0xaa640001;
constexpr std::uint64_t kPlatformFlags = 0xffff00000000;

// An entry as it stands in the table; the last one of it, too.
struct Row {
  Entry entry;
  std::uint64_t flags = 0;
};

Row TakeRow(Reader& reader) {
  Row row;
  Copy(reader.Take(Uuid::kBytes), row.entry.uuid.bytes);
  row.entry.offset = reader.U64();
  row.entry.size = reader.U64();
  row.flags = reader.U64();
  return row;
}

Error TakeHeader(Reader& reader, Toc& toc) {
  const std::uint32_t name = reader.U32();
  toc.serial = reader.U32();
  const std::uint64_t flags = reader.U64();
  if (!reader.ok()) return Error::kTruncated;
  if (name != kName) return Error::kFipName;
  if (toc.serial == 0) return Error::kFipSerial;
  if ((flags & ~kPlatformFlags) != 0) return Error::kFipFlags;
  toc.platform_flags = static_cast<std::uint16_t>(flags >> 32);
  return Error::kOk;
}

// Up to the end of the table, whose offset is the package's size.
Error TakeRows(Reader& reader, Toc& toc) {
  for (;;) {
    const Row row = TakeRow(reader);
    if (!reader.ok()) return Error::kTruncated;
    if (row.entry.uuid.zero()) {
      toc.size = row.entry.offset;
      const bool plain = row.entry.size == 0 && row.flags == 0;
      return plain ? Error::kOk : Error::kFipTerminator;
    }
    if (row.flags != 0) return Error::kFipFlags;
    if (toc.count == kMaxEntries) return Error::kFipTooMany;
    toc.storage[toc.count++] = row.entry;
  }
}

// Neither sum nor difference below can overflow.
bool LiesWithin(const Entry& entry, std::uint64_t first, std::uint64_t end) {
  return entry.size != 0 && entry.offset >= first && entry.offset <= end &&
         entry.size <= end - entry.offset;
}

bool Overlap(const Entry& a, const Entry& b) {
  return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

Error CheckPlaces(const Toc& toc, std::uint64_t available) {
  const std::uint64_t first = TocBytes(toc.count);
  if (toc.size < first || toc.size > available) return Error::kFipTerminator;
  for (const Entry& entry : toc.entries()) {
    if (!LiesWithin(entry, first, toc.size)) return Error::kFipEntry;
  }
  for (std::size_t i = 0; i < toc.count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (toc.storage[i].uuid == toc.storage[j].uuid) {
        return Error::kFipDuplicate;
      }
      if (Overlap(toc.storage[i], toc.storage[j])) return Error::kFipOverlap;
    }
  }
  return Error::kOk;
}

}  // namespace

Result<Toc> ReadToc(Bytes front, std::uint64_t available) {
  Reader reader(front);
  Toc toc;
  BOOTSEAL_TRY(TakeHeader(reader, toc));
  BOOTSEAL_TRY(TakeRows(reader, toc));
  BOOTSEAL_TRY(CheckPlaces(toc, available));
  return toc;
}

Result<Entry> Find(const Toc& toc, const Uuid& uuid) {
  for (const Entry& entry : toc.entries()) {
    if (entry.uuid == uuid) return entry;
  }
  return Error::kFipNoEntry;
}

Result<Bytes> FindImage(const Toc& toc, const Uuid& uuid, Bytes fip) {
  const Result<Entry> entry = Find(toc, uuid);
  if (!entry.ok()) return entry.error();
  if (!LiesWithin(*entry, 0, fip.size())) return Error::kTruncated;
  return fip.subspan(static_cast<std::size_t>(entry->offset),
                     static_cast<std::size_t>(entry->size));
}

}  // namespace bootseal::image::fip
