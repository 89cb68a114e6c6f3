// A flash made as its bootloader wants it, judged by check.h before anybody
// gets it. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LAYOUT_CREATE_H_
#define BOOTSEAL_CLIENT_LAYOUT_CREATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/layout/board.h"
#include "client/layout/flash_image.h"
#include "client/layout/report.h"

namespace bootseal::layout {

struct ExtraPartition {
  std::string name;        // ASCII, 1 to 35 characters
  std::uint64_t size = 0;  // bytes, whole sectors
  image::Guid type;
  std::optional<image::Guid> unique;  // default: made from board and name
};

// NAME:SIZE:TYPE or NAME:SIZE:TYPE:GUID, the size as ParseSize has it, the type
// a GUID or a name of client/release/guid_words.h. Ends with kUsage:
// PARTITION_INVALID, SIZE_INVALID, GUID_INVALID.
absl::StatusOr<ExtraPartition> ParsePartition(absl::string_view text);

// "64M", "256K", "1G", "0x40000", "512". Ends with kUsage: SIZE_INVALID.
absl::StatusOr<std::uint64_t> ParseSize(absl::string_view text);

struct CreateOrder {
  Build build;
  std::optional<std::uint64_t> size =
      {};  // default: the power of two that fits
  // One replica; empty: two banks fip-a and fip-b, the first accepted, the
  // second when it has a FIP.
  std::string metadata = {};
  std::string fip_a = {};
  std::string fip_b = {};
  std::string fsbl = {};
  std::vector<ExtraPartition> partitions = {};
  std::optional<image::Guid> disk = {};  // default: made from board and store
};

struct Created {
  FlashImage image;
  Report report;  // of this image
  // Places that somebody has to fill before it boots: nothing was given.
  std::vector<std::string> empty;
};

// The same bytes for the same order. Ends with kUsage: LAYOUT_UNKNOWN (a board
// whose offsets are not known), FSBL_PLACE, PARTITION_PLACE (raw flash has
// none), NAME_TWICE, GUID_TWICE, SIZE_INVALID, GUID_INVALID;
// FAILED_PRECONDITION: PLACE_TOO_SMALL, what is wrong with the metadata, and
// LAYOUT_NOT_BOOTABLE with the first finding otherwise. `path` is for the words
// of the report.
absl::StatusOr<Created> CreateFlash(const CreateOrder& order,
                                    const std::string& path);

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_CREATE_H_
