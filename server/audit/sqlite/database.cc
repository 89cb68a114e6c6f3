#include "server/audit/sqlite/database.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/status.h"
#include "server/audit/sqlite/migration.h"
#include "server/audit/sqlite/spans.h"

namespace bootseal::audit {
namespace {

constexpr std::uint64_t kSchemaVersion = 3;
// MigrateTables' own.
constexpr std::uint64_t kOldestSchemaVersion = 1;

constexpr char kSchema[] = R"sql(
CREATE TABLE IF NOT EXISTS entries (
  position INTEGER PRIMARY KEY,
  entry BLOB NOT NULL,
  identity TEXT NOT NULL,
  request_id TEXT,
  target TEXT NOT NULL,
  decision INTEGER NOT NULL,
  policy_version INTEGER,
  kind INTEGER NOT NULL,
  time_unix_ms INTEGER NOT NULL,
  key TEXT NOT NULL,
  subject BLOB
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS releases
  ON entries (identity, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS policies
  ON entries (policy_version) WHERE policy_version IS NOT NULL;
CREATE INDEX IF NOT EXISTS subjects
  ON entries (subject) WHERE subject IS NOT NULL;
CREATE INDEX IF NOT EXISTS released
  ON entries (target, position) WHERE decision = 1 AND kind = 10;
CREATE INDEX IF NOT EXISTS key_changes
  ON entries (key, position) WHERE kind = 16;
CREATE INDEX IF NOT EXISTS targets
  ON entries (target) WHERE decision <> 1 OR kind <> 10;
CREATE INDEX IF NOT EXISTS identities
  ON entries (identity) WHERE decision <> 1 OR kind <> 10;
CREATE INDEX IF NOT EXISTS keys
  ON entries (key) WHERE decision <> 1 OR kind <> 10;
CREATE INDEX IF NOT EXISTS decisions
  ON entries (decision) WHERE decision <> 1 OR kind <> 10;
CREATE INDEX IF NOT EXISTS kinds
  ON entries (kind) WHERE decision <> 1 OR kind <> 10;
CREATE TABLE IF NOT EXISTS terms (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  identity TEXT NOT NULL,
  key TEXT NOT NULL,
  UNIQUE (target, identity, key)
) STRICT;
CREATE INDEX IF NOT EXISTS term_identities ON terms (identity);
CREATE INDEX IF NOT EXISTS term_keys ON terms (key);
CREATE TABLE IF NOT EXISTS spans (
  term INTEGER NOT NULL,
  span INTEGER NOT NULL,
  PRIMARY KEY (term, span)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS times (
  span INTEGER PRIMARY KEY,
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS nodes (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL
) STRICT;
)sql";

constexpr char kCountTables[] = "SELECT count(*) FROM sqlite_master";
constexpr char kCountOurTables[] =
    "SELECT count(*) FROM sqlite_master"
    " WHERE type = 'table' AND name IN ('entries', 'nodes', 'heads')";
constexpr std::uint64_t kOurTables = 3;

absl::Status CannotOpen(const std::string& path) {
  const std::string why = std::strerror(errno);
  if (errno == ENOENT) {
    return base::FailField(
        absl::StatusCode::kNotFound, "FILE_NOT_FOUND", path,
        absl::StrCat("cannot open the audit log ", path, ": ", why,
                     "; its folder must be there"));
  }
  return base::FailField(
      absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE", path,
      absl::StrCat("cannot open the audit log ", path, ": ", why));
}

// A write-ahead log gets the mode of the database; SQLite would let the umask
// decide who reads either.
int OpenPrivate(const std::string& path) {
  return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

// Before anything is written: a log, or nothing yet.
absl::Status CheckIsLog(sqlite3* database) {
  ASSIGN_OR_RETURN(const std::uint64_t version,
                   NumberOf(database, "PRAGMA user_version"));
  ASSIGN_OR_RETURN(const std::uint64_t tables,
                   NumberOf(database, kCountTables));
  if (version == 0 && tables == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::uint64_t ours,
                   NumberOf(database, kCountOurTables));
  if (version == 0 || ours != kOurTables) {
    return NotALog("it is the database of another program");
  }
  if (version >= kOldestSchemaVersion && version <= kSchemaVersion) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "LOG_SCHEMA",
      absl::StrCat("the log has schema version ", version, ", expected ",
                   kOldestSchemaVersion, " to ", kSchemaVersion,
                   "; run the bootseald that wrote it"));
}

// SQLite falls back silently where there is no shared memory.
absl::Status DemandWriteAheadLog(sqlite3* database, const std::string& path) {
  ASSIGN_OR_RETURN(Statement set,
                   Statement::Prepare(database, "PRAGMA journal_mode=WAL"));
  RETURN_IF_ERROR(set.Step().status());
  const std::string mode = set.Blob(0);
  if (mode == "wal") return absl::OkStatus();
  return base::Unavailable(
      "LOG_STORE", absl::StrCat(path, " cannot have a write-ahead log (mode ",
                                mode, "); put it on a local disk"));
}

absl::Status Prepare(sqlite3* database, const std::string& path) {
  sqlite3_extended_result_codes(database, 0);
  sqlite3_busy_timeout(database, 5000);
  RETURN_IF_ERROR(base::Annotate(CheckIsLog(database), path));
  RETURN_IF_ERROR(DemandWriteAheadLog(database, path));
  return Execute(database, "PRAGMA synchronous=FULL");
}

}  // namespace

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string ResolvedPath(const std::string& path) {
  std::error_code error;
  const auto resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved.string();
}

absl::StatusOr<FileLock> TakeFile(const std::string& path) {
  FileLock lock(OpenPrivate(absl::StrCat(path, ".lock")));
  if (lock.descriptor() < 0) return CannotOpen(path);
  if (flock(lock.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    return base::Unavailable(
        "LOG_LOCKED", absl::StrCat("the audit log ", path,
                                   " is in use by another server; a log has "
                                   "one writer"));
  }
  const FileLock file(OpenPrivate(path));
  if (file.descriptor() < 0) return CannotOpen(path);
  return lock;
}

absl::StatusOr<SqliteConnection> Connect(const std::string& path) {
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(
      path.c_str(), &raw,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
      nullptr);
  SqliteConnection connection(raw);
  if (result != SQLITE_OK) return SqliteError(raw, path);
  RETURN_IF_ERROR(Prepare(raw, path));
  return connection;
}

namespace {

absl::Status MakeTables(sqlite3* database) {
  ASSIGN_OR_RETURN(const std::uint64_t version,
                   NumberOf(database, "PRAGMA user_version"));
  RETURN_IF_ERROR(MigrateTables(database, version));
  RETURN_IF_ERROR(Execute(database, kSchema));
  if (version < kSchemaVersion) RETURN_IF_ERROR(FillSpans(database));
  return Execute(database,
                 absl::StrCat("PRAGMA user_version=", kSchemaVersion));
}

}  // namespace

// All or nothing: half of them would be no log.
absl::Status CreateTables(sqlite3* database) {
  RETURN_IF_ERROR(Execute(database, "BEGIN IMMEDIATE"));
  absl::Status status = MakeTables(database);
  if (status.ok()) status = Execute(database, "COMMIT");
  if (!status.ok() && sqlite3_get_autocommit(database) == 0) {
    Execute(database, "ROLLBACK").IgnoreError();
  }
  return status;
}

}  // namespace bootseal::audit
