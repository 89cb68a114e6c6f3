// The device's flash as the update agent sees it: one span of bytes that is
// read anywhere, and written in units. A block device with GPT, an MTD-like
// file, an image file; in tests one that loses its power.
// Not thread-safe. Errors: UNAVAILABLE (STORAGE_READ, STORAGE_WRITE),
// INVALID_ARGUMENT (STORAGE_RANGE) for what is outside or not aligned.
#ifndef BOOTSEAL_CLIENT_FWU_STORAGE_H_
#define BOOTSEAL_CLIENT_FWU_STORAGE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firmware/image/bytes.h"
#include "firmware/image/guid.h"

namespace bootseal::fwu {

class Storage {
 public:
  virtual ~Storage() = default;

  virtual std::uint64_t size() const = 0;
  // Bytes that are replaced at once: a sector of a block device, an erase block
  // of raw flash. Write takes whole units.
  virtual std::uint32_t unit() const = 0;
  virtual absl::Status Read(std::uint64_t offset, image::MutableBytes to) = 0;
  // Erases first where the medium wants it. `offset` and size are multiples of
  // unit().
  virtual absl::Status Write(std::uint64_t offset, image::Bytes from) = 0;
  // Everything that was written is on the medium, and what is read next comes
  // from there.
  virtual absl::Status Flush() = 0;
};

struct Range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Where things are: found in the GPT, or configured as offsets.
struct Placement {
  std::array<Range, 2> metadata;  // primary, secondary
  struct BankImage {
    image::Guid guid;
    Range range;
  };
  std::vector<BankImage> images;

  // nullptr when no range has it.
  const Range* Find(const image::Guid& guid) const;
};

// OK when the bytes are there (STORAGE_RANGE).
absl::Status CheckInside(const Storage& storage, std::uint64_t offset,
                         std::uint64_t size);
// The same, and whole units.
absl::Status CheckUnits(const Storage& storage, std::uint64_t offset,
                        std::uint64_t size);

// OK when every range is inside, made of whole units, not empty, and overlaps
// no other; a GUID stands once. INVALID_ARGUMENT (PLACEMENT_INVALID).
absl::Status CheckPlacement(const Storage& storage, const Placement& placement);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_STORAGE_H_
