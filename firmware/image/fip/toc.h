// Firmware image packages: a table of contents in front, then the images that
// it names, anywhere and in any order. Nothing of a FIP says that it is whole
// or whose it is: certificates do, and they lie in it.
//
//    0  4  name, 0xaa640001          entry:   0 16  UUID
//    4  4  serial, not zero                  16  8  offset from the FIP's start
//    8  8  flags, bits 32 to 47              24  8  size
//   16 40  an entry per image                32  8  flags, zero
//   the last one has a UUID of zeros, the FIP's size as offset, and no size
//
// Source: TF-A docs/design/firmware-design.rst, tools/fiptool; facts: fwu 3.1.
// Freestanding; no heap; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_FIP_TOC_H_
#define BOOTSEAL_FIRMWARE_IMAGE_FIP_TOC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/bytes.h"
#include "firmware/image/fip/uuid.h"
#include "firmware/image/result.h"

namespace bootseal::image::fip {

inline constexpr std::size_t kHeaderBytes = 16;
inline constexpr std::size_t kEntryBytes = 40;
// Ours; fiptool knows 36 images.
inline constexpr std::size_t kMaxEntries = 64;
// What fiptool writes; readers want another number than zero.
inline constexpr std::uint32_t kSerial = 0x12345678;

struct Entry {
  Uuid uuid;
  std::uint64_t offset = 0;  // bytes from the FIP's start
  std::uint64_t size = 0;    // bytes; never zero
  friend constexpr bool operator==(const Entry&, const Entry&) = default;
};

struct Toc {
  std::uint32_t serial = kSerial;
  std::uint16_t platform_flags = 0;  // bits 32 to 47 of the header's flags
  std::uint64_t size = 0;            // of the whole FIP, table included
  std::size_t count = 0;
  std::array<Entry, kMaxEntries> storage{};

  constexpr std::span<const Entry> entries() const {
    return std::span(storage).first(count);
  }
  friend constexpr bool operator==(const Toc&, const Toc&) = default;
};

// Bytes of a table with `count` entries, its end included.
constexpr std::size_t TocBytes(std::size_t count) {
  return kHeaderBytes + (count + 1) * kEntryBytes;
}
inline constexpr std::size_t kMaxTocBytes = TocBytes(kMaxEntries);

// The table at the start of `front`, of a FIP that lies in `available` bytes: a
// file or partition, which may be larger. What follows the table in `front` is
// not looked at; kMaxTocBytes hold every table.
// In this order: kTruncated, kFipName, kFipSerial, kFipFlags, kFipTooMany,
// kFipTerminator (no end, or one that says something else than a size within
// `available`), kFipEntry (empty, or not between table and end), kFipDuplicate,
// kFipOverlap.
Result<Toc> ReadToc(Bytes front, std::uint64_t available);

// kFipNoEntry.
Result<Entry> Find(const Toc& toc, const Uuid& uuid);

// The image in a FIP that is all in memory. kFipNoEntry, kTruncated.
Result<Bytes> FindImage(const Toc& toc, const Uuid& uuid, Bytes fip);

// Write(Read(x)) is x, up to the end of the table. kBufferTooSmall, and the
// errors of ReadToc for a table that it would not take. Signing side: not
// linked into a device.
Result<Bytes> WriteToc(const Toc& toc, MutableBytes buffer);

}  // namespace bootseal::image::fip

#endif  // BOOTSEAL_FIRMWARE_IMAGE_FIP_TOC_H_
