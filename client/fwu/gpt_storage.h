// The GPT of a device: where it has the metadata and the banks, and a damaged
// copy of the table made from the good one. Sectors have 512 bytes.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_FWU_GPT_STORAGE_H_
#define BOOTSEAL_CLIENT_FWU_GPT_STORAGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/fwu/storage.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/result.h"

namespace bootseal::fwu {

// metadata1 and metadata2 by name, and what the metadata there names by unique
// GUID; banks with a GUID of zeros are none. FAILED_PRECONDITION: GPT_... when
// both tables are damaged, PARTITION_MISSING, REPLICAS_DAMAGED;
// PLACEMENT_INVALID.
absl::StatusOr<Placement> FindInGpt(Storage& storage,
                                    image::fwu::Geometry geometry);

struct GptHealth {
  image::Error primary = image::Error::kOk;
  image::Error backup = image::Error::kOk;
  friend bool operator==(const GptHealth&, const GptHealth&) = default;
};
GptHealth InspectGpt(Storage& storage);

// Entries first, header last: until it stands, the good copy counts. Does
// nothing when both are good. FAILED_PRECONDITION: GPT_... when none is;
// GPT_MISPLACED, and nothing is written, when the other copy's place is not
// what the good one says, or not apart from the partitions.
absl::Status RepairGpt(Storage& storage);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_GPT_STORAGE_H_
