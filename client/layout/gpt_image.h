// The partition table of a disk that is made: protective MBR, primary GPT,
// backup GPT. Source: UEFI 2.10 sections 5.2.3, 5.3. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_LAYOUT_GPT_IMAGE_H_
#define BOOTSEAL_CLIENT_LAYOUT_GPT_IMAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/layout/flash_image.h"
#include "firmware/image/guid.h"

namespace bootseal::layout {

// What the backup takes at the end of a disk: 32 sectors of entries and its
// header.
inline constexpr std::uint64_t kGptEndBytes = 33 * 512;
inline constexpr std::uint64_t kMostFlash = std::uint64_t{4} << 40;

// A part of the flash; on a disk a partition.
struct Part {
  std::string name;          // ASCII
  std::uint64_t offset = 0;  // bytes
  std::uint64_t size = 0;    // bytes
  image::Guid type;
  image::Guid unique;
  std::string content;  // in front
};

// A GUID that is always the same for the same text. RFC 9562, version 8:
// the first bytes of its SHA-256.
image::Guid DerivedGuid(absl::string_view text);

// 128 entries, `parts` in this order. As FlashImage::Put.
absl::Status PutPartitionTable(FlashImage& flash, const image::Guid& disk,
                               const std::vector<Part>& parts);

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_GPT_IMAGE_H_
