// The two copies of the metadata on the device: read, and written one after the
// other. A copy is one write of whole units, zeros behind the metadata; it is
// flushed and read back before the other one is touched, so that at every
// moment one of them is whole. The secondary goes first: readers believe the
// primary, and what it says is never news that the secondary lacks. Facts:
// fwu 7.1, 7.2. Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_FWU_METADATA_STORE_H_
#define BOOTSEAL_CLIENT_FWU_METADATA_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/fwu/storage.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/fwu/replicas.h"

namespace bootseal::fwu {

struct StoredMetadata {
  image::fwu::Metadata metadata;
  std::string vendor_data;  // kept as it was found
  image::fwu::Replica from = image::fwu::Replica::kPrimary;
  image::Error other = image::Error::kOk;  // as image::fwu::Chosen has it
};

// FAILED_PRECONDITION (REPLICAS_DAMAGED) when there is no valid copy. One that
// cannot be read counts as damaged.
absl::StatusOr<StoredMetadata> LoadMetadata(Storage& storage,
                                            const Placement& placement,
                                            image::fwu::Geometry geometry);

// Both copies. UNAVAILABLE: STORAGE_READ, STORAGE_WRITE, STORAGE_READBACK.
absl::Status StoreMetadata(Storage& storage, const Placement& placement,
                           const StoredMetadata& stored);

// The other copy, from the one that `stored` was read from.
absl::Status RepairReplica(Storage& storage, const Placement& placement,
                           const StoredMetadata& stored);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_METADATA_STORE_H_
