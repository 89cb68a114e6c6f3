// The log in a PostgreSQL database that any number of servers share.
//
// Life of an append: a transaction takes an advisory lock, which is the turn;
// the newest head is read and the batch decided on the same connection; nodes,
// entries and head are inserted; COMMIT returns once it is on the disk (and on
// the synchronous standbys, where there are some). The size is the primary key
// of heads, and an append begins where the newest head ends, so that two
// servers that somehow had the turn at once would conflict, never fork.
//
// A COMMIT is in doubt when its connection is lost, or when it is answered with
// a warning: a wait for a standby that was cancelled counts as done. The store
// takes the next turn, which waits until the old transaction is over, looks
// whether the head is there, and commits something behind it: what is seen on
// the primary may be gone after a fail-over, what an answered commit is behind
// of is not. For the same reason the head that others appended is only shown
// after such a commit, where there are standbys.
//
// No call waits for ever: see session.h for how long.
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
