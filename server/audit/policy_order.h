// In which order policies may come into force: a log's highest version never
// sinks, and one version is one text.
#ifndef BOOTSEAL_SERVER_AUDIT_POLICY_ORDER_H_
#define BOOTSEAL_SERVER_AUDIT_POLICY_ORDER_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// The policy of an entry that is stored as one. FAILED_PRECONDITION
// (LOG_CORRUPT) when it is none.
absl::StatusOr<v1::PolicyEvent> PolicyOf(const StoredRecord& stored);

// FAILED_PRECONDITION: POLICY_VERSION_LOWER, and POLICY_VERSION_REUSED for
// another text of the highest version. The same text again is fine: every
// server brings it into force.
absl::Status CheckFollows(const v1::PolicyEvent& next,
                          const std::optional<v1::PolicyEvent>& highest);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POLICY_ORDER_H_
