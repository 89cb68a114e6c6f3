// The tree as this server last knew it, and the turns in which it grows.
#ifndef BOOTSEAL_SERVER_AUDIT_APPENDER_H_
#define BOOTSEAL_SERVER_AUDIT_APPENDER_H_

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/audit/batch.h"
#include "server/audit/last_releases.h"
#include "server/audit/log_figures.h"
#include "server/audit/newest_checkpoint.h"
#include "server/audit/proof.h"
#include "server/audit/store.h"
#include "server/audit/tree.h"

namespace bootseal::audit {

// A store's turn that ends with its scope, if not with an append before.
class Turn {
 public:
  explicit Turn(Store& store) : store_(store) {}
  ~Turn() { store_.EndTurn(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Store& store_;
};

// The tree as it is stored, in a turn: nobody else appends between one look at
// a shared store and the next. LoadTree's errors (load.h), the store's.
absl::StatusOr<Tree> LoadInTurn(Store& store);

// Not thread-safe; what it refers to must outlive it.
class Appender {
 public:
  Appender(Store& store, LastReleases& releases,
           const NewestCheckpoint& checkpoint, LogFigures& figures, Tree tree)
      : store_(store),
        releases_(releases),
        checkpoint_(checkpoint),
        figures_(figures),
        tree_(std::move(tree)),
        fresh_(store) {}

  // Decides the records and stores those that are new, all in one turn: nothing
  // that a decision hangs on changes before it is stored. One place each. The
  // store's errors, CheckContinues' and LoadEdge's (load.h): nothing was
  // stored then, or it is not known.
  absl::StatusOr<std::vector<Place>> Append(std::vector<Record> records);

  // Of everything stored in the turns so far.
  Head head() const { return {tree_.size(), tree_.root()}; }
  // With the nodes of the newest append.
  const NodeCache& nodes() const { return fresh_; }

 private:
  absl::Status CatchUp(const Head& head);

  Store& store_;
  LastReleases& releases_;
  const NewestCheckpoint& checkpoint_;
  LogFigures& figures_;
  Tree tree_;
  NodeCache fresh_;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_APPENDER_H_
