#include "server/audit/sqlite/migration.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/audit/record.h"
#include "server/audit/sqlite/statement.h"
#include "server/trust/entry.h"

namespace bootseal::audit {
namespace {

// In the order of the schema: rows are inserted without naming columns. A
// column cannot be added without a default; every row gets its own value.
constexpr char kAddColumns[] = R"sql(
ALTER TABLE entries ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN time_unix_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE entries ADD COLUMN subject BLOB;
)sql";

// The newest schema has narrower ones, and a table, of these names.
constexpr char kDropIndices[] =
    "DROP INDEX IF EXISTS targets; DROP INDEX IF EXISTS identities;"
    "DROP INDEX IF EXISTS keys; DROP INDEX IF EXISTS decisions;"
    "DROP INDEX IF EXISTS kinds; DROP INDEX IF EXISTS times;";

// A row that changes under a running SELECT may be seen twice: read some,
// change them, go on behind them. Limited for the memory of a long log.
constexpr char kNextRows[] =
    "SELECT position, entry FROM entries WHERE position >= ?"
    " ORDER BY position LIMIT 1000";
constexpr char kFillRow[] =
    "UPDATE entries SET kind = ?, time_unix_ms = ?, key = ?, subject = ?"
    " WHERE position = ?";

absl::StatusOr<std::vector<StoredRecord>> RowsFrom(Statement& select,
                                                   std::uint64_t start) {
  select.Bind(start);
  std::vector<StoredRecord> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return rows;
    ASSIGN_OR_RETURN(const std::uint64_t position, select.Number(0));
    rows.push_back({position, select.Blob(1)});
  }
}

absl::StatusOr<Record> Decoded(const StoredRecord& row) {
  const absl::StatusOr<v1::Entry> entry = trust::DecodeEntry(row.entry);
  if (entry.ok()) return RecordOf(*entry);
  return base::Precondition(
      "LOG_CORRUPT",
      absl::StrCat("entry ", row.index, " cannot be read, so the log stays at ",
                   "schema version 1: ", entry.status().message(),
                   "; restore the log from a copy"));
}

absl::Status Fill(Statement& update, const StoredRecord& row) {
  ASSIGN_OR_RETURN(const Record record, Decoded(row));
  update.Bind(static_cast<std::uint64_t>(record.kind))
      .Bind(static_cast<std::uint64_t>(record.time_unix_ms))
      .Bind(absl::string_view(record.key));
  if (record.subject.empty()) {
    update.BindNull();
  } else {
    update.Bind(image::host::AsBytes(record.subject));
  }
  return update.Bind(row.index).Run();
}

absl::Status FillColumns(sqlite3* database) {
  ASSIGN_OR_RETURN(Statement select, Statement::Prepare(database, kNextRows));
  ASSIGN_OR_RETURN(Statement update, Statement::Prepare(database, kFillRow));
  std::uint64_t next = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<StoredRecord> rows,
                     RowsFrom(select, next));
    if (rows.empty()) return absl::OkStatus();
    for (const StoredRecord& row : rows) RETURN_IF_ERROR(Fill(update, row));
    next = rows.back().index + 1;
  }
}

}  // namespace

absl::Status MigrateTables(sqlite3* database, std::uint64_t version) {
  if (version == 2) return Execute(database, kDropIndices);
  if (version != 1) return absl::OkStatus();
  RETURN_IF_ERROR(Execute(database, kAddColumns));
  return FillColumns(database);
}

}  // namespace bootseal::audit
