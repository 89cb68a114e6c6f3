// What a log sends its witness: body of POST <prefix>/add-checkpoint.
//
//   old <size of the last cosigned checkpoint>
//   <base64 of each hash of the consistency proof, at most 63 lines>
//
//   <the checkpoint, a signed note>
//
// Source: c2sp.org/tlog-witness@v1.0.0. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_ADD_CHECKPOINT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_ADD_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::image::host {

struct AddCheckpoint {
  std::uint64_t old_size = 0;
  std::vector<transparency::TreeHash> proof;  // from old_size on
  std::string checkpoint;
};

std::string WriteAddCheckpoint(const AddCheckpoint& request);

// The checkpoint is not looked into. INVALID_ARGUMENT (BODY_MALFORMED).
absl::StatusOr<AddCheckpoint> ReadAddCheckpoint(absl::string_view body);

// Where a witness keeps what it saw of a log: "/<64 hex digits>/checkpoint",
// from the SHA-256 of the origin.
std::string CheckpointPath(absl::string_view origin);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_ADD_CHECKPOINT_H_
