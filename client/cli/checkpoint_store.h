// The last checkpoint of each log that this user has seen: what operators
// cannot rewrite. One file per log key under $BOOTSEAL_STATE,
// $XDG_STATE_HOME/bootseal or ~/.local/state/bootseal.
#ifndef BOOTSEAL_CLIENT_CLI_CHECKPOINT_STORE_H_
#define BOOTSEAL_CLIENT_CLI_CHECKPOINT_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/log_key.h"

namespace bootseal::cli {

// Safe for several processes at once: replaced as a whole under a file lock,
// and only by a larger checkpoint.
class CheckpointStore {
 public:
  // `folder` is made when first written to.
  CheckpointStore(std::string folder, const LogKey& key);

  // As the environment says; empty when there is no home either.
  static std::string DefaultFolder();

  // Empty when none was seen. Ends with kLocalFile: FILE_*, and STATE_INVALID
  // when the file holds something that our log key did not sign.
  absl::StatusOr<std::optional<TrustedCheckpoint>> Load() const;

  // Keeps the larger of the stored one and `checkpoint`. FILE_UNWRITABLE.
  absl::Status Keep(const TrustedCheckpoint& checkpoint) const;

  const std::string& path() const { return path_; }

 private:
  std::string folder_;
  std::string path_;
  LogKey key_;
};

// RFC 6962 consistency proof between two sizes, as the server gives it.
using ConsistencyProof = std::function<absl::StatusOr<std::vector<std::string>>(
    std::uint64_t first, std::uint64_t second)>;

// OK when `now` provably continues `before`. FAILED_PRECONDITION:
// LOG_WENT_BACK, LOG_INCONSISTENT, REPLY_MALFORMED. LOG_CONTINUITY_UNPROVEN,
// with the code of its failure, where there is no proof, denied or lost.
absl::Status CheckContinuity(const TrustedCheckpoint& before,
                             const TrustedCheckpoint& now,
                             const ConsistencyProof& proof);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CHECKPOINT_STORE_H_
