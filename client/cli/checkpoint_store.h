// The last checkpoint of each log that this user has seen: what operators
// cannot rewrite. One file per log key under $BOOTSEAL_STATE,
// $XDG_STATE_HOME/bootseal or ~/.local/state/bootseal.
#ifndef BOOTSEAL_CLIENT_CLI_CHECKPOINT_STORE_H_
#define BOOTSEAL_CLIENT_CLI_CHECKPOINT_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/log_key.h"

namespace bootseal::cli {

// RFC 6962 consistency proof between two sizes, as the server gives it.
using ConsistencyProof = std::function<absl::StatusOr<std::vector<std::string>>(
    std::uint64_t first, std::uint64_t second)>;

// OK when `now` provably continues `before`. FAILED_PRECONDITION:
// LOG_WENT_BACK, LOG_INCONSISTENT, REPLY_MALFORMED. With the code of its
// failure: LOG_PROOF_UNAVAILABLE, which ends with kUnreachable, where the
// server is gone, silent or busy; LOG_CONTINUITY_UNPROVEN where it gives no
// proof.
absl::Status CheckContinuity(const TrustedCheckpoint& before,
                             const TrustedCheckpoint& now,
                             const ConsistencyProof& proof);

// Whether `why` may end by itself, and so tells nothing of the log: a server
// that is gone, silent or busy.
bool MayPass(const absl::Status& why);
// LOG_PROOF_UNAVAILABLE because of it.
absl::Status ProofUnavailable(const absl::Status& why);

// Safe for several processes at once: what is kept was proved to be of the same
// log, and is replaced as a whole by a larger one, under a file lock that is
// not held while a server is asked.
class CheckpointStore {
 public:
  // `folder` is made when first written to. `patience` is for the lock.
  CheckpointStore(std::string folder, const LogKey& key,
                  absl::Duration patience = kLockPatience);

  // As the environment says; empty when there is no home either.
  static std::string DefaultFolder();

  // Empty when none was seen. Ends with kLocalFile: FILE_*, and STATE_INVALID
  // when the file holds something that our log key did not sign.
  absl::StatusOr<std::optional<TrustedCheckpoint>> Load() const;

  // Keeps `now`, which has to continue `seen` (what Load gave before it was
  // asked for) and whatever another process has kept meanwhile; of a log that
  // is further already, it has to be a part. As CheckContinuity and Load;
  // FILE_UNWRITABLE; FILE_LOCKED when another process has the lock for too
  // long. After an error what is stored is what was.
  absl::Status Advance(const std::optional<TrustedCheckpoint>& seen,
                       const TrustedCheckpoint& now,
                       const ConsistencyProof& proof) const;

  const std::string& path() const { return path_; }
  std::string lock_path() const { return path_ + ".lock"; }

 private:
  // Long for a holder that reads and writes one file.
  static constexpr absl::Duration kLockPatience = absl::Seconds(45);

  absl::Status MakeFolder() const;
  // Keeps `now`, if it is larger, where `proved` is stored or nothing; else
  // gives what is.
  absl::StatusOr<std::optional<TrustedCheckpoint>> ReplaceIf(
      const std::optional<TrustedCheckpoint>& proved,
      const TrustedCheckpoint& now) const;

  std::string folder_;
  std::string path_;
  LogKey key_;
  absl::Duration patience_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CHECKPOINT_STORE_H_
