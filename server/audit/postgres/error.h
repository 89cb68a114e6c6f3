// libpqxx reports by exception; nothing of ours does.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_ERROR_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_ERROR_H_

#include <exception>
#include <pqxx/except>

#include "absl/status/status.h"

namespace bootseal::audit {

// UNAVAILABLE (LOG_STORE) for what passes or an operator mends (connection,
// resources, shutdown, time-outs, a server that only reads), ALREADY_EXISTS
// (LOG_CONFLICT) for a violated key, FAILED_PRECONDITION for a broken database
// (LOG_CORRUPT) and for rights that are missing (LOG_RIGHTS), INTERNAL
// otherwise.
absl::Status PostgresError(const std::exception& error);

// Runs `work`, which returns a status or a value of one.
template <typename Work>
auto Guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    return PostgresError(error);
  }
}

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_ERROR_H_
