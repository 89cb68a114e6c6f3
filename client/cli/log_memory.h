// Holds a log to what it showed before: remembers the last checkpoint and
// demands that each new one continues it.
#ifndef BOOTSEAL_CLIENT_CLI_LOG_MEMORY_H_
#define BOOTSEAL_CLIENT_CLI_LOG_MEMORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/checkpoint_store.h"
#include "client/cli/connection.h"
#include "client/cli/log_key.h"

namespace bootseal::cli {

class LogMemory {
 public:
  static constexpr absl::Duration kProofLimit = absl::Minutes(1);

  // Loads what was seen. Opened before the call whose checkpoint it judges: a
  // log may not go back behind what was known when the call began. Without a
  // folder to remember in, warns and forgets. As CheckpointStore::Load.
  static absl::StatusOr<LogMemory> Open(const LogKey& key);

  const std::optional<TrustedCheckpoint>& seen() const { return seen_; }

  // As CheckpointStore::Advance from what was seen. Not being able to write is
  // a warning: the release is in the log all the same.
  //
  // Of several servers one may be a moment behind. A smaller log than was seen
  // is taken for that when a server then shows a checkpoint that continues what
  // was seen, and of which this one is provably a part; it is LOG_WENT_BACK
  // when none of them does, and LOG_PROOF_UNAVAILABLE when one cannot be asked.
  //
  // A server that is busy is waited for as it says (retry.h), `limit` in all:
  // for checkpoints and for proofs, of however many servers.
  absl::Status Accept(const Connection& connection,
                      const TrustedCheckpoint& now,
                      absl::Duration limit = kProofLimit) const;

 private:
  explicit LogMemory(const LogKey& key) : key_(key) {}
  absl::Status AcceptOlder(const Connection& connection,
                           const TrustedCheckpoint& now, absl::Time deadline,
                           const absl::Status& went_back) const;

  LogKey key_;
  std::optional<CheckpointStore> store_;
  std::optional<TrustedCheckpoint> seen_;
};

// The server's proof that the tree of `second` leaves extends that of `first`,
// fetched within `limit`.
absl::StatusOr<std::vector<std::string>> FetchConsistencyProof(
    const Connection& connection, std::uint64_t first, std::uint64_t second,
    absl::Duration limit = LogMemory::kProofLimit);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_LOG_MEMORY_H_
