// One group commit: which records of a batch are new, and the tree they make.
#ifndef BOOTSEAL_SERVER_AUDIT_BATCH_H_
#define BOOTSEAL_SERVER_AUDIT_BATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/last_releases.h"
#include "server/audit/standing.h"
#include "server/audit/store.h"
#include "server/audit/tree.h"

namespace bootseal::audit {

// Where a record of the batch ended up.
struct Place {
  // Not OK: no place. ALREADY_EXISTS (REQUEST_ID_REUSED), INVALID_ARGUMENT for
  // a repeated request id with an entry that is none, as CheckFollows
  // (policy_order.h), or the record's own check's.
  absl::Status status;
  std::uint64_t index = 0;
  std::string entry;  // what is in the log there
  bool replayed = false;
};

// Decides every record against the store and the records before it, so that
// the checks of a request id, and the record's own, hold inside the transaction
// that appends. Not thread-safe.
class Batch {
 public:
  // `tree` is that of the stored head.
  Batch(Store& store, LastReleases& releases, Tree tree)
      : store_(store),
        known_(releases),
        before_(tree.size()),
        tree_(std::move(tree)) {}

  // Asks the store at once for what Add would ask for one by one. Before the
  // first Add. The store's errors.
  absl::Status Expect(const std::vector<Record>& records);

  // The place that the record will have once the batch is stored. An error is
  // the store's.
  absl::StatusOr<Place> Add(Record record);

  const std::vector<Record>& records() const { return records_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Tree& tree() const { return tree_; }
  // The last of each target that the batch releases something for.
  const Releases& last_releases() const { return last_releases_; }

 private:
  // Errors are the store's.
  absl::StatusOr<Standing> StandingOf(const Record& record) const;
  absl::Status NoteRelease(const Record& record);
  absl::StatusOr<Place> Repeat(const Record& record, const StoredRecord& first);

  absl::StatusOr<std::optional<StoredRecord>> Find(const ReleaseKey& key);
  absl::Status LoadHighest();
  absl::StatusOr<Place> JudgePolicy(const Record& record);
  absl::StatusOr<absl::Status> CheckDecidedBy(const Record& record);

  Store& store_;
  LastReleases& known_;
  const std::uint64_t before_;
  Tree tree_;
  std::vector<Record> records_;
  std::vector<Node> nodes_;
  absl::flat_hash_map<ReleaseKey, StoredRecord> releases_;  // of this batch
  // What the store said of those that were expected.
  absl::flat_hash_map<ReleaseKey, std::optional<StoredRecord>> expected_;
  Releases last_releases_;
  std::vector<StoredRecord> fresh_;  // as Standing's
  // In force before the next record, once it was asked for.
  bool highest_known_ = false;
  std::optional<v1::PolicyEvent> highest_;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_BATCH_H_
