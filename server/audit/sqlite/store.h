// The log in one SQLite file: WAL, synchronous=FULL, one server.
//
// Life of an append: BEGIN IMMEDIATE; entries, nodes and head are inserted;
// COMMIT returns once the write-ahead log is on the disk. The size is the
// primary key of heads, so two heads of one size cannot exist.
//
// A lock on "<path>.lock" keeps a second server out; readers have a connection
// of their own and see whole appends only.
#ifndef BOOTSEAL_SERVER_AUDIT_SQLITE_STORE_H_
#define BOOTSEAL_SERVER_AUDIT_SQLITE_STORE_H_

#include <memory>
#include <string>

#include "server/audit/store.h"

namespace bootseal::audit {

// A file of schema version 1 is brought to version 2. UNAVAILABLE (LOG_LOCKED)
// when another server has it, FAILED_PRECONDITION (LOG_SCHEMA) for a file of a
// later version, (LOG_CORRUPT) for one of an earlier version whose entries
// cannot be read, UNAVAILABLE (LOG_STORE) when it cannot be opened or made.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_SQLITE_STORE_H_
