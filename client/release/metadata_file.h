// Metadata out of a file that says nothing of its origin: a replica, or a
// partition that starts with one. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_METADATA_FILE_H_
#define BOOTSEAL_CLIENT_RELEASE_METADATA_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/fwu/replicas.h"

namespace bootseal::release {

struct FoundMetadata {
  image::fwu::Metadata metadata;
  std::string vendor_data;
};

// Version 2 says its own counts. Version 1 has those for which its CRC holds:
// every count that there may be is tried. FAILED_PRECONDITION with the error of
// ReadMetadata as reason; METADATA_CRC for version 1 that fits no count;
// METADATA_NO_DESCRIPTOR for version 2 that does not say its counts.
// INVALID_ARGUMENT (TRUNCATED).
absl::StatusOr<FoundMetadata> FindMetadata(absl::string_view file);

// Whether it has the shape of metadata, as far as that shows in a file whose
// CRC may be wrong.
bool LooksLikeMetadata(absl::string_view file);

// FAILED_PRECONDITION (METADATA_CONTRADICTION) when the state of a bank and the
// flags of its images disagree: not a reader's rule, and no device makes it so.
absl::Status CheckAgrees(const image::fwu::Metadata& metadata);

struct FoundReplicas {
  FoundMetadata winner;
  image::fwu::Replica from = image::fwu::Replica::kPrimary;
  // As image::fwu::Chosen has it; anything but kOk is to be repaired.
  image::Error other = image::Error::kOk;
};

// Which one counts. As FindMetadata for the primary when neither can be read.
absl::StatusOr<FoundReplicas> FindReplicas(absl::string_view primary,
                                           absl::string_view secondary);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_METADATA_FILE_H_
