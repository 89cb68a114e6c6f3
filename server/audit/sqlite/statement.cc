#include "server/audit/sqlite/statement.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace bootseal::audit {

absl::Status SqliteError(sqlite3* database, absl::string_view what) {
  const std::string message =
      absl::StrCat(what, ": ", sqlite3_errmsg(database), " (SQLite ",
                   sqlite3_extended_errcode(database), ")");
  switch (sqlite3_errcode(database)) {
    case SQLITE_CONSTRAINT:
      return base::Fail(absl::StatusCode::kAlreadyExists, "LOG_CONFLICT",
                        message);
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
      return base::Unavailable("LOG_STORE", message);
    case SQLITE_NOTADB:
      return NotALog(message);
    case SQLITE_CORRUPT:
      return base::Precondition(
          "LOG_CORRUPT",
          absl::StrCat(message, "; restore the log from a copy"));
    default:
      return base::Internal(message);
  }
}

absl::Status NotALog(absl::string_view why) {
  return base::Precondition("FILE_NOT_A_LOG",
                            absl::StrCat("the file is no audit log (", why,
                                         "); give the log a file of its own"));
}

absl::Status Execute(sqlite3* database, const std::string& sql) {
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) ==
      SQLITE_OK) {
    return absl::OkStatus();
  }
  return SqliteError(database, "audit log");
}

absl::StatusOr<Statement> Statement::Prepare(sqlite3* database,
                                             const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK) {
    return SqliteError(database, "audit log");
  }
  return Statement(statement);
}

Statement& Statement::Bind(std::uint64_t number) {
  if (number > kMaxNumber) {
    refused_ = base::Fail(absl::StatusCode::kOutOfRange, "LOG_NUMBER",
                          absl::StrCat(number, " does not fit the audit log, ",
                                       "expected at most ", kMaxNumber));
  }
  sqlite3_bind_int64(statement_.get(), ++bound_,
                     static_cast<sqlite3_int64>(std::min(number, kMaxNumber)));
  return *this;
}

Statement& Statement::Bind(absl::string_view text) {
  sqlite3_bind_text(statement_.get(), ++bound_, text.data(),
                    static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::Bind(image::Bytes blob) {
  sqlite3_bind_blob(statement_.get(), ++bound_, blob.data(),
                    static_cast<int>(blob.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::BindNull() {
  sqlite3_bind_null(statement_.get(), ++bound_);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  if (!refused_.ok()) {
    absl::Status refused = std::move(refused_);
    Reset();
    return refused;
  }
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  absl::Status status;
  if (result != SQLITE_DONE) {
    status = SqliteError(sqlite3_db_handle(statement_.get()), "audit log");
  }
  Reset();
  if (!status.ok()) return status;
  return false;
}

absl::Status Statement::Run() { return Step().status(); }

absl::StatusOr<std::uint64_t> Statement::Number(int column) const {
  const sqlite3_int64 number = sqlite3_column_int64(statement_.get(), column);
  if (number >= 0) return static_cast<std::uint64_t>(number);
  return base::Precondition(
      "LOG_CORRUPT", absl::StrCat("the log's number ", number,
                                  " is below zero; restore it from a copy"));
}

std::string Statement::Blob(int column) const {
  const auto* bytes =
      static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes ? std::string(bytes, static_cast<std::size_t>(size))
               : std::string();
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
  refused_ = absl::OkStatus();
}

absl::StatusOr<std::uint64_t> NumberOf(sqlite3* database,
                                       const std::string& query) {
  ASSIGN_OR_RETURN(Statement read, Statement::Prepare(database, query));
  RETURN_IF_ERROR(read.Step().status());
  return read.Number(0);
}

}  // namespace bootseal::audit
