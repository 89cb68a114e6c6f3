// The one connection that appends: turns, transactions, and what became of a
// COMMIT that was not answered, or answered with a warning.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_WRITER_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_WRITER_H_

#include <memory>
#include <pqxx/transaction>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/audit/postgres/options.h"
#include "server/audit/postgres/session.h"
#include "server/audit/postgres/watchdog.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// Not thread-safe.
class Writer {
 public:
  Writer(PostgresOptions options, Watchdog& watchdog)
      : options_(std::move(options)), watchdog_(watchdog) {}

  // As the store's.
  absl::StatusOr<Head> TakeTurn();
  void EndTurn();
  absl::Status Append(const std::vector<Record>& records,
                      const std::vector<Node>& nodes, const Head& head);

  bool has_turn() const { return turn_ != nullptr; }
  // Reads in the turn's transaction; only in a turn. As Session::Run.
  template <typename Work>
  auto Read(Work work)
      -> decltype(work(std::declval<pqxx::transaction_base&>())) {
    return session_->Run(Left(kStatementLimit), [&] { return work(*turn_); });
  }

 private:
  absl::StatusOr<Head> BeginTurn();
  absl::Status Insert(const std::vector<Record>& records,
                      const std::vector<Node>& nodes, const Head& head);
  absl::Status Commit(const Head& head);
  absl::Status FindOut(const Head& head, const absl::Status& lost);
  // True: it is there, and stays there.
  absl::StatusOr<bool> LookAndSettle(const Head& head);
  // Of a limit, until patience ends.
  absl::Duration Left(absl::Duration limit) const;

  const PostgresOptions options_;
  Watchdog& watchdog_;
  absl::Time patience_ = absl::InfiniteFuture();
  std::unique_ptr<Session> session_;
  std::unique_ptr<pqxx::work> turn_;
  Head newest_;  // of the turn
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_WRITER_H_
