// The front of a firmware image package as Status: what a FIP that was cut
// short or made up does not pass. The reader is firmware/image/fip/toc.h's.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_FIP_TABLE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_FIP_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/fip/toc.h"

namespace bootseal::image::host {

// The front in which a table has to end.
inline constexpr std::size_t kFipFrontBytes = fip::kMaxTocBytes;

struct FipTable {
  std::size_t images = 0;
  std::uint64_t size = 0;  // where the entry behind the last one says it ends
};

bool BeginsAsFip(absl::string_view front);

// `front` is the first kFipFrontBytes of `room` bytes, or all of them.
// FAILED_PRECONDITION: FIP_MAGIC; FIP_TABLE (serial number 0, no image, no end,
// flags, two images in one place or of one kind); FIP_TRUNCATED (an image
// without bytes or outside of the package, or a package beyond `room`).
absl::StatusOr<FipTable> ReadFipTable(absl::string_view front,
                                      std::uint64_t room);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_FIP_TABLE_H_
