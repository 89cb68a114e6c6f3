// A prepared SQLite statement, bound, stepped and reset by scope.
#ifndef BOOTSEAL_SERVER_AUDIT_SQLITE_STATEMENT_H_
#define BOOTSEAL_SERVER_AUDIT_SQLITE_STATEMENT_H_

#include <sqlite3.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/bytes.h"

namespace bootseal::audit {

struct SqliteCloser {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using SqliteConnection = std::unique_ptr<sqlite3, SqliteCloser>;

// SQLite's integers are signed: what is above would wrap.
inline constexpr std::uint64_t kMaxNumber =
    std::numeric_limits<std::int64_t>::max();

// The error of the connection's last call: UNAVAILABLE (LOG_STORE) for what an
// operator can mend (disk full, read-only, I/O), ALREADY_EXISTS
// (LOG_CONFLICT) for a violated key, FAILED_PRECONDITION for a file that is no
// database (FILE_NOT_A_LOG) or a broken one (LOG_CORRUPT), INTERNAL otherwise.
absl::Status SqliteError(sqlite3* database, absl::string_view what);

// FAILED_PRECONDITION (FILE_NOT_A_LOG).
absl::Status NotALog(absl::string_view why);

absl::Status Execute(sqlite3* database, const std::string& sql);

// Not thread-safe; belongs to one connection and must go before it.
class Statement {
 public:
  static absl::StatusOr<Statement> Prepare(sqlite3* database,
                                           const std::string& sql);

  // Parameters in order, from the first; bytes must live until the next step.
  // With a number above kMaxNumber that step is OUT_OF_RANGE (LOG_NUMBER).
  Statement& Bind(std::uint64_t number);
  Statement& Bind(absl::string_view text);
  Statement& Bind(image::Bytes blob);
  Statement& BindNull();

  // True: there is a row. After the last row, or an error, the statement is
  // ready to be bound again.
  absl::StatusOr<bool> Step();
  // For statements without rows.
  absl::Status Run();

  // FAILED_PRECONDITION (LOG_CORRUPT) for one below zero: none was stored.
  absl::StatusOr<std::uint64_t> Number(int column) const;
  std::string Blob(int column) const;
  void Reset();

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const {
      sqlite3_finalize(statement);
    }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  int bound_ = 0;
  absl::Status refused_;  // of what was bound
};

// The first column of the first row.
absl::StatusOr<std::uint64_t> NumberOf(sqlite3* database,
                                       const std::string& query);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_SQLITE_STATEMENT_H_
