// The tree of a log that was there before or was appended to by other servers,
// checked against what is stored.
#ifndef BOOTSEAL_SERVER_AUDIT_LOAD_H_
#define BOOTSEAL_SERVER_AUDIT_LOAD_H_

#include "absl/status/statusor.h"
#include "server/audit/store.h"
#include "server/audit/tree.h"

namespace bootseal::audit {

// FAILED_PRECONDITION (LOG_CORRUPT) when the stored head is not the root of the
// stored nodes, or the newest entry is not its last leaf; the store's errors.
absl::StatusOr<Tree> LoadTree(Store& store);

// The tree under a head that is stored. As LoadTree, without its last entry.
absl::StatusOr<Tree> LoadEdge(Store& store, const Head& head);

// OK when the tree of `after`, which is stored, begins with that of `before`.
// FAILED_PRECONDITION: LOG_WENT_BACK for a smaller one, LOG_INCONSISTENT for
// another one; the store's errors.
absl::Status CheckContinues(Store& store, const Head& before,
                            const Head& after);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_LOAD_H_
