// The tree of a log that was there before, checked against what is stored.
#ifndef BOOTSEAL_SERVER_AUDIT_LOAD_H_
#define BOOTSEAL_SERVER_AUDIT_LOAD_H_

#include "absl/status/statusor.h"
#include "server/audit/store.h"
#include "server/audit/tree.h"

namespace bootseal::audit {

// FAILED_PRECONDITION (LOG_CORRUPT) when the stored head is not the root of the
// stored nodes, or the newest entry is not its last leaf; the store's errors.
absl::StatusOr<Tree> LoadTree(Store& store);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_LOAD_H_
