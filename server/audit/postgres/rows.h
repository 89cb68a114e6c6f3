// What rows of the log's tables hold.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_ROWS_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_ROWS_H_

#include <optional>
#include <pqxx/result>
#include <vector>

#include "absl/status/statusor.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// FAILED_PRECONDITION (LOG_CORRUPT) for a number below zero or a hash of
// another length: none was stored.
absl::StatusOr<TreeHash> HashOf(const pqxx::field& field);
// Of size and root; size 0 without a row.
absl::StatusOr<Head> HeadOf(const pqxx::result& rows);
// Of position and entry.
absl::StatusOr<std::vector<StoredRecord>> RecordsOf(const pqxx::result& rows);
absl::StatusOr<std::optional<StoredRecord>> RecordOf(const pqxx::result& rows);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_ROWS_H_
