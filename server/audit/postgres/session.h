// One connection to the log's database, with everything checked that the log's
// promises hang on: it is the primary, it writes to the disk before it says
// that it has, and the tables are the log's.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_SESSION_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_SESSION_H_

#include <condition_variable>
#include <memory>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "server/audit/postgres/options.h"

namespace bootseal::audit {

// Not thread-safe. Never connects anew by itself: that would be a connection
// without the checks.
class Session {
 public:
  // UNAVAILABLE (LOG_STORE) when it is not there; FAILED_PRECONDITION:
  // LOG_NOT_DURABLE (fsync, full_page_writes or synchronous_commit are off),
  // LOG_SCHEMA (another version), DATABASE_NOT_A_LOG (tables of another
  // program), LOG_RIGHTS. ConnectionText's errors.
  static absl::StatusOr<std::unique_ptr<Session>> Open(
      const PostgresOptions& options);

  pqxx::connection& connection() { return connection_; }
  bool alive() const { return connection_.is_open(); }

 private:
  explicit Session(const std::string& text);
  absl::Status Prepare();

  pqxx::connection connection_;
  // Notices are nobody's business on standard error.
  pqxx::quiet_errorhandler quiet_{connection_};
};

// Makes the tables unless they are there, with several servers doing so at
// once. As Session::Open.
absl::Status CreateTables(const PostgresOptions& options);

// Connections that are kept for the next call. Thread-safe.
class SessionPool {
 public:
  explicit SessionPool(PostgresOptions options)
      : options_(std::move(options)) {}

  // Gives its session back when it goes.
  class Lease {
   public:
    Lease(SessionPool& pool, std::unique_ptr<Session> session)
        : pool_(pool), session_(std::move(session)) {}
    ~Lease() { pool_.Return(std::move(session_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Session& session() { return *session_; }

   private:
    SessionPool& pool_;
    std::unique_ptr<Session> session_;
  };

  // Waits for one when too many are out. Session::Open's errors.
  absl::StatusOr<std::unique_ptr<Lease>> Take();
  // Closes those that nobody has: a server that came back knows none of them.
  void Clear();

 private:
  absl::StatusOr<std::unique_ptr<Session>> TakeIdle();
  void Return(std::unique_ptr<Session> session);

  const PostgresOptions options_;
  base::Mutex mutex_;
  base::Condition returned_;
  std::size_t out_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Session>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_SESSION_H_
