// Everything that a bootloader looks at on its way to a bank, as it is on this
// flash. Not thread-safe while it is gathered.
#ifndef BOOTSEAL_CLIENT_LAYOUT_EVIDENCE_H_
#define BOOTSEAL_CLIENT_LAYOUT_EVIDENCE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/fwu/byte_source.h"
#include "client/fwu/storage.h"
#include "client/layout/board.h"
#include "client/layout/content.h"
#include "client/layout/partition_table.h"
#include "client/release/metadata_file.h"
#include "firmware/image/fwu/selection.h"

namespace bootseal::layout {

// One copy of the metadata. `found` is METADATA_BLANK where nothing was
// written, PARTITION_MISSING without a place, else as release::FindMetadata.
struct StoredReplica {
  std::string place;  // "metadata1"
  std::optional<fwu::Range> range;
  absl::StatusOr<release::FoundMetadata> found = absl::UnknownError("");
  absl::Status readable;  // METADATA_UNREADABLE, by the build's bootloader

  bool usable() const { return found.ok() && readable.ok(); }
};

// A bank of the FIP.
struct StoredBank {
  std::uint8_t bank = 0;
  image::Guid guid;
  std::string place;                // name of the partition, or of the offset
  std::optional<fwu::Range> range;  // none: the GUID leads nowhere
  absl::StatusOr<Fip> content =
      absl::UnknownError("");  // as ReadFip; PARTITION_MISSING
};

struct StoredFsbl {
  std::string place;
  std::optional<fwu::Range> range;
  absl::StatusOr<Fsbl> content =
      absl::UnknownError("");  // as ReadFsbl; PARTITION_MISSING
};

struct BootChoice {
  std::optional<std::uint8_t> bank;  // none: the bootloader stops
  image::fwu::BootReason reason = image::fwu::BootReason::kAccepted;
};

struct Evidence {
  Build build;
  std::string path = {};      // of the file or device
  std::uint64_t size = 0;     // of the flash
  PartitionTable table = {};  // of a store that has one
  std::array<StoredReplica, 2> replicas = {};
  std::vector<StoredFsbl> fsbls = {};
  // The first replica that is usable.
  std::optional<image::fwu::Replica> winner = {};
  std::optional<std::size_t> fip_image = {};  // of the metadata
  std::vector<StoredBank> banks = {};
  BootChoice first_boot =
      {};                 // with a register that nobody wrote: no trials left
  BootChoice later = {};  // with all trials left

  // nullptr when no replica is usable.
  const image::fwu::Metadata* metadata() const;
  // Whether a boot comes to it, or a fallback could: version 1 cannot say that
  // a bank is empty, and means it by not accepted.
  bool IsBooted(std::uint8_t bank) const;
  bool IsReachable(std::uint8_t bank) const;
  const StoredReplica& replica(image::fwu::Replica which) const {
    return replicas[which == image::fwu::Replica::kPrimary ? 0 : 1];
  }
  // The partition table that counts; nullptr on raw flash too.
  const TableCopy* partitions() const {
    return build.store.partitioned ? table.good() : nullptr;
  }
};

Evidence Gather(fwu::ByteSource& flash, const Build& build,
                const std::string& path);

// How far a bootloader comes in the table.
enum class Sight : std::uint8_t {
  kSeen,
  kBeyondLimit,  // behind the entries that it keeps
  kBehindGap,    // it stops at an unused entry
  kBehindName,   // it stops at a name with a character above 0xff
};
Sight SightOf(const TableCopy& table, const Build& build, std::uint32_t number);

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_EVIDENCE_H_
