// The one connection that appends: turns, transactions, and what became of a
// COMMIT whose connection was lost.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_WRITER_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_WRITER_H_

#include <memory>
#include <pqxx/transaction>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/audit/postgres/options.h"
#include "server/audit/postgres/session.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// Not thread-safe.
class Writer {
 public:
  explicit Writer(PostgresOptions options) : options_(std::move(options)) {}

  // As the store's.
  absl::StatusOr<Head> TakeTurn();
  void EndTurn();
  absl::Status Append(const std::vector<Record>& records,
                      const std::vector<Node>& nodes, const Head& head);

  bool has_turn() const { return turn_ != nullptr; }
  // The turn's transaction; only in a turn.
  pqxx::transaction_base& turn() { return *turn_; }

 private:
  absl::StatusOr<Head> BeginTurn();
  absl::Status Insert(const std::vector<Record>& records,
                      const std::vector<Node>& nodes, const Head& head);
  absl::Status Commit(const Head& head);
  absl::Status FindOut(const Head& head, const absl::Status& lost);

  const PostgresOptions options_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<pqxx::work> turn_;
  Head newest_;  // of the turn
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_WRITER_H_
