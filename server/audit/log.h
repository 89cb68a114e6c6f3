// The append-only log: a Merkle tree over entries, with signed checkpoints.
//
// Life of an entry: Append queues it; the writer thread takes all that wait as
// one batch, hashes them into the tree, and stores entries, nodes and head in
// one durable transaction; then, and only then, a checkpoint over the stored
// head is signed and every caller of the batch gets its receipt.
//
// Thread-safe. When the store fails (disk full) or the checkpoint key does, the
// log stops: this and every further append is UNAVAILABLE (LOG_STOPPED), and
// healthy() is false until the process restarts. Reads go on.
//
// In a shared store other servers append to the same log. A batch is decided in
// this server's turn against what all of them have stored, and every checkpoint
// is proven to continue the one that this server showed before: a store that
// lost entries, or has others, stops the log. Other failures pass: this append
// is UNAVAILABLE (LOG_STORE), healthy() is false, and both end by themselves.
#ifndef BOOTSEAL_SERVER_AUDIT_LOG_H_
#define BOOTSEAL_SERVER_AUDIT_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/log_figures.h"
#include "server/audit/newest_checkpoint.h"
#include "server/audit/receipt.h"
#include "server/audit/store.h"

namespace bootseal::hsm {
class CheckpointSigner;
}  // namespace bootseal::hsm

namespace bootseal::audit {

class Log {
 public:
  // `origin` is the log's name. Checks that the stored head is the root of the
  // stored nodes and that the last entry is its last leaf, and signs a
  // checkpoint over it. FAILED_PRECONDITION (LOG_CORRUPT), INVALID_ARGUMENT
  // (ORIGIN_INVALID), the signer's errors.
  static absl::StatusOr<std::unique_ptr<Log>> Open(
      std::unique_ptr<Store> store,
      std::unique_ptr<hsm::CheckpointSigner> signer, std::string origin);
  ~Log();

  // Blocks until the record is durable and a checkpoint covers it. With the
  // (identity, request id) of a release that is there: its receipt, against the
  // newest checkpoint, with replayed() when the entry's request digest is the
  // same; ALREADY_EXISTS (REQUEST_ID_REUSED) otherwise. INVALID_ARGUMENT
  // (ENTRY_TOO_LARGE) unless the entry has 1 to 65,535 bytes. The error of the
  // record's own check.
  absl::StatusOr<Receipt> Append(Record record);

  // The same without waiting. `done` is called once, on the log's own thread
  // (or on this one, when the log cannot take the record): it must be quick.
  using Done = std::function<void(absl::StatusOr<Receipt>)>;
  void Append(Record record, Done done);

  // The recorded release of an earlier call, against the newest checkpoint.
  absl::StatusOr<std::optional<Receipt>> FindRelease(
      const std::string& identity, const std::string& request_id);

  // Of an entry that is there, against the newest checkpoint; replayed().
  // INVALID_ARGUMENT (BEYOND_TREE).
  absl::StatusOr<Receipt> Prove(std::uint64_t index);

  // The newest release of a target, without asking the store each time; what
  // another server appended since this one's newest checkpoint may be missing.
  // nullptr: there is none.
  absl::StatusOr<std::shared_ptr<const v1::SigningEvent>> RememberedRelease(
      const std::string& target);

  // As the store's, of the same names.
  absl::StatusOr<std::optional<StoredRecord>> LastRelease(
      const std::string& target);
  absl::StatusOr<std::vector<StoredRecord>> About(const std::string& subject);
  absl::StatusOr<std::optional<StoredRecord>> LastOfKey(const std::string& key,
                                                        int kind, int decision);

  absl::StatusOr<std::string> Get(std::uint64_t index);
  absl::StatusOr<std::vector<StoredRecord>> List(const Filter& filter);
  // INVALID_ARGUMENT (BEYOND_TREE) outside the tree.
  absl::StatusOr<std::vector<TreeHash>> InclusionProof(std::uint64_t index,
                                                       std::uint64_t size);
  absl::StatusOr<std::vector<TreeHash>> ConsistencyProof(std::uint64_t first,
                                                         std::uint64_t second);
  // Brings in what other servers have stored until now. Checkpoint does so as
  // well, and shows the last one it knows when the store cannot be asked:
  // whoever must not show an old one refreshes first. The store's errors and
  // the checkpoint key's; LOG_STOPPED.
  absl::Status Refresh();
  // The newest checkpoint and its head.
  using SignedHead = audit::SignedHead;
  SignedHead Checkpoint() const;
  // Lines of others for the newest checkpoint, in place of those before; none
  // of it when that has grown beyond `size` meanwhile. Receipts that are made
  // against it carry them too.
  void Cosign(std::uint64_t size, const std::vector<std::string>& lines);
  // Of the store, where others that share it may be further; and the root of
  // its first `size` entries.
  absl::StatusOr<Head> StoredHead();
  absl::StatusOr<TreeHash> RootOf(std::uint64_t size);
  // The log stops, as when its store fails.
  void Stop(const absl::Status& why);
  // The server ends: calls that wait for a shared store end within seconds, as
  // UNAVAILABLE (LOG_STORE) if it does not answer.
  void Hurry();
  // Waits until the tree is larger than `size` or `deadline` passes; the size.
  std::uint64_t WaitBeyond(std::uint64_t size, absl::Time deadline);

  // The policy that was last brought into force, of those with the highest
  // version; nothing before the first one. FAILED_PRECONDITION (LOG_CORRUPT)
  // when its entry is none.
  absl::StatusOr<std::optional<v1::PolicyEvent>> HighestPolicy();

  bool healthy() const;
  const LogFigures& figures() const;
  const std::string& origin() const;
  // "name+id+base64", what a client is configured with.
  const std::string& verifier_key() const;

 private:
  class State;
  explicit Log(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_LOG_H_
