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
#include "absl/time/time.h"
#include "base/mutex.h"
#include "server/audit/postgres/error.h"
#include "server/audit/postgres/figures.h"
#include "server/audit/postgres/options.h"
#include "server/audit/postgres/watchdog.h"

namespace bootseal::audit {

// Beyond the database's own time-outs, whose errors say more.
inline constexpr absl::Duration kStatementLimit = absl::Seconds(12);
// Of what takes a moment, so that a database that hangs is soon known.
inline constexpr absl::Duration kShortLimit = absl::Seconds(5);
// With a standby that must answer too.
inline constexpr absl::Duration kCommitLimit = absl::Seconds(10);

// UNAVAILABLE (LOG_STORE).
absl::Status NoAnswer(absl::Duration limit);

// Not thread-safe. Never connects anew by itself: that would be a connection
// without the checks.
class Session {
 public:
  // UNAVAILABLE (LOG_STORE) when it is not there; FAILED_PRECONDITION:
  // LOG_NOT_DURABLE (fsync, full_page_writes or synchronous_commit are off),
  // LOG_SCHEMA (another version), DATABASE_NOT_A_LOG (tables of another
  // program), LOG_RIGHTS. ConnectionText's errors.
  static absl::StatusOr<std::unique_ptr<Session>> Open(
      const PostgresOptions& options, Watchdog& watchdog);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs `work`, which uses the connection and returns a status or a value of
  // one. After `limit` without an answer the connection is gone: NoAnswer.
  template <typename Work>
  auto Run(absl::Duration limit, Work work) -> decltype(work()) {
    const Busy busy(*figures_);
    const absl::Duration bound = watchdog_.Bound(limit);
    const Watchdog::Guard guard(watchdog_, socket_, bound);
    auto result = Guarded(std::move(work));
    if (guard.fired()) {
      cut_ = true;
      if (!result.ok()) return NoAnswer(bound);
    }
    return result;
  }

  // Runs what commits. PostgreSQL reports a commit as done with a warning when
  // its wait for a standby was cancelled (manual, 27.2.8): any warning on the
  // way makes it UNAVAILABLE (LOG_STORE), and doubtful().
  template <typename Work>
  absl::Status Commit(absl::Duration limit, Work work) {
    const int before = warnings_.count();
    doubtful_ = true;
    const absl::Status status = Run(limit, std::move(work));
    const bool warned = warnings_.count() != before;
    doubtful_ = warned || (!status.ok() && !alive());
    return status.ok() && warned ? warnings_.Doubt() : status;
  }
  // Nobody knows what became of the last Commit.
  bool doubtful() const { return doubtful_; }

  pqxx::connection& connection() { return connection_; }
  bool alive() const { return !cut_ && connection_.is_open(); }

 private:
  // Nothing below a warning is sent (session.cc), and none of it is anybody's
  // business on standard error.
  class Warnings final : public pqxx::errorhandler {
   public:
    using pqxx::errorhandler::errorhandler;
    bool operator()(const char message[]) noexcept override;
    int count() const { return count_; }
    absl::Status Doubt() const;

   private:
    int count_ = 0;
    std::string last_;
  };

  class Busy {
   public:
    explicit Busy(PostgresFigures& figures) : figures_(figures) {
      ++figures_.busy;
    }
    ~Busy() { --figures_.busy; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    PostgresFigures& figures_;
  };

  Session(const std::string& text, std::shared_ptr<PostgresFigures> figures,
          Watchdog& watchdog);
  static absl::StatusOr<std::unique_ptr<Session>> Connect(
      const PostgresOptions& options, Watchdog& watchdog);
  absl::Status Prepare();

  const std::shared_ptr<PostgresFigures> figures_;
  Watchdog& watchdog_;
  pqxx::connection connection_;
  Warnings warnings_{connection_};
  // The connection's, open until this object goes: libpq closes its own as soon
  // as it finds it broken, and the number may be another socket's then.
  const int socket_;
  bool cut_ = false;
  bool doubtful_ = false;
};

// Makes the tables unless they are there, with several servers doing so at
// once. As Session::Open.
absl::Status CreateTables(const PostgresOptions& options, Watchdog& watchdog);

// Connections that are kept for the next call. Thread-safe.
class SessionPool {
 public:
  // At most `limit` are out at once.
  SessionPool(PostgresOptions options, Watchdog& watchdog, std::size_t limit)
      : options_(std::move(options)), watchdog_(watchdog), limit_(limit) {}

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

  // Waits for one when too many are out, for kShortLimit: UNAVAILABLE
  // (LOG_STORE). Session::Open's errors.
  absl::StatusOr<std::unique_ptr<Lease>> Take();
  // Closes those that nobody has: a server that came back knows none of them.
  void Clear();

 private:
  absl::StatusOr<std::unique_ptr<Session>> TakeIdle();
  void Return(std::unique_ptr<Session> session);

  const PostgresOptions options_;
  Watchdog& watchdog_;
  const std::size_t limit_;
  base::Mutex mutex_;
  base::Condition returned_;
  std::size_t out_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Session>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_SESSION_H_
