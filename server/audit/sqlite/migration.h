// Readies a log of an older schema for the tables and indices of the newest. Of
// version 1: entries get the columns kind, time_unix_ms, key and subject,
// filled from what the entries themselves say. Of version 2: the indices of
// every entry go, as the newest ones have their names.
#ifndef BOOTSEAL_SERVER_AUDIT_SQLITE_MIGRATION_H_
#define BOOTSEAL_SERVER_AUDIT_SQLITE_MIGRATION_H_

#include <sqlite3.h>

#include <cstdint>

#include "absl/status/status.h"

namespace bootseal::audit {

// Within the caller's transaction, which also raises the version; nothing to do
// for a log of version 0, a new one, or of the newest. FAILED_PRECONDITION
// (LOG_CORRUPT) when an entry cannot be decoded: roll back then.
absl::Status MigrateTables(sqlite3* database, std::uint64_t version);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_SQLITE_MIGRATION_H_
