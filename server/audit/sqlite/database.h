// The file of a log: held by one server, and a log or new. What is in it is
// store.h's business.
#ifndef BOOTSEAL_SERVER_AUDIT_SQLITE_DATABASE_H_
#define BOOTSEAL_SERVER_AUDIT_SQLITE_DATABASE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/audit/sqlite/statement.h"

namespace bootseal::audit {

// Held until it is gone, or the process.
class FileLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  FileLock(FileLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  int descriptor() const { return descriptor_; }  // -1: there is none

 private:
  int descriptor_;
};

// One name for one file, whatever links lead to it.
std::string ResolvedPath(const std::string& path);

// Takes the log for this process alone and makes its file, readable by this
// user only, unless it is there. FILE_NOT_FOUND for a folder that is not
// there, FILE_UNWRITABLE, UNAVAILABLE (LOG_LOCKED).
absl::StatusOr<FileLock> TakeFile(const std::string& path);

// A connection with a write-ahead log and full synchronisation. FAILED_
// PRECONDITION: FILE_NOT_A_LOG for anything else's file, which stays as it is,
// LOG_SCHEMA for a log of a later version. UNAVAILABLE (LOG_STORE).
absl::StatusOr<SqliteConnection> Connect(const std::string& path);

// The tables, unless they are there; those of an earlier version are brought to
// this one (migration.h). All in one transaction.
absl::Status CreateTables(sqlite3* database);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_SQLITE_DATABASE_H_
