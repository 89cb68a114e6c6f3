// The log in a PostgreSQL database that any number of servers share.
//
// Life of an append: a transaction takes an advisory lock, which is the turn;
// the newest head is read and the batch decided on the same connection; nodes,
// entries and head are inserted; COMMIT returns once it is on the disk (and on
// the synchronous standbys, where there are some). The size is the primary key
// of heads, and an append begins where the newest head ends, so that two
// servers that somehow had the turn at once would conflict, never fork.
//
// When the connection is lost during COMMIT, the store takes the next turn on
// a new one, which waits until the old transaction is over, and looks whether
// the head is there.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_STORE_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/audit/postgres/options.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// Makes the tables of a database that has none. As Session::Open and
// CreateTables (session.h).
absl::StatusOr<std::unique_ptr<Store>> OpenPostgresStore(
    PostgresOptions options);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_STORE_H_
