// How the database is reached.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_OPTIONS_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_OPTIONS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/audit/postgres/figures.h"

namespace bootseal::audit {

// Whether a host on the network must prove who it is.
enum class HostProof { kRequired, kAsConfigured };

struct PostgresOptions {
  // libpq's keywords or URI (PostgreSQL manual, "Connection Strings"), without
  // a password.
  std::string connection;
  // File with the password in its first line; empty: none is needed.
  std::string password_path;
  HostProof host_proof = HostProof::kRequired;
  // Of all sessions that are opened with these options.
  std::shared_ptr<PostgresFigures> figures =
      std::make_shared<PostgresFigures>();
};

using Keywords = std::map<std::string, std::string>;

// The keywords that are set, and always host and hostaddr: an empty one keeps
// libpq from asking PGHOST, PGHOSTADDR and the service of PGSERVICE.
// INVALID_ARGUMENT (CONNECTION_INVALID): one that libpq does not know; a
// password, which has a file of its own; a connect_timeout that is none; and,
// where proof is required, a host on the network without sslmode=verify-full:
// with `require` whoever stands before the database may take its place, and
// with less read along.
absl::StatusOr<Keywords> ParseConnection(
    const std::string& connection, HostProof host_proof = HostProof::kRequired);

// What libpq is given: the keywords with the password and our time-outs, made
// anew for every connection, so that a new password takes no restart.
// base/file.h's errors; FAILED_PRECONDITION (PASSWORD_EMPTY).
absl::StatusOr<std::string> ConnectionText(const PostgresOptions& options);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_OPTIONS_H_
