#include "server/audit/sqlite/search.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::audit {
namespace {

// Times hardly ever go back: an index bounds the positions, which are then read
// in their order.
constexpr char kStart[] = "position >= ?1";
constexpr char kFrom[] =
    "time_unix_ms >= ?2 AND position >= max(?1, coalesce((SELECT min(position)"
    " FROM entries INDEXED BY times WHERE time_unix_ms >= ?2), ?1))";
constexpr char kUntil[] =
    " AND time_unix_ms < ?3 AND position <= coalesce((SELECT max(position)"
    " FROM entries INDEXED BY times WHERE time_unix_ms < ?3), -1)";

std::string SqlOf(const Filter& filter) {
  std::string sql = absl::StrCat("SELECT position, entry FROM entries WHERE ",
                                 filter.from_unix_ms != 0 ? kFrom : kStart);
  if (filter.until_unix_ms != 0) absl::StrAppend(&sql, kUntil);
  if (!filter.target.empty()) absl::StrAppend(&sql, " AND target = ?4");
  if (!filter.identity.empty()) absl::StrAppend(&sql, " AND identity = ?5");
  if (!filter.key.empty()) absl::StrAppend(&sql, " AND key = ?6");
  if (filter.decision != 0) absl::StrAppend(&sql, " AND decision = ?7");
  if (filter.kind != 0) absl::StrAppend(&sql, " AND kind = ?8");
  return absl::StrCat(sql, " ORDER BY position LIMIT ?9");
}

}  // namespace

absl::StatusOr<Statement> Search(sqlite3* database, const Filter& filter) {
  ASSIGN_OR_RETURN(Statement search,
                   Statement::Prepare(database, SqlOf(filter)));
  search.Bind(filter.start)
      .Bind(static_cast<std::uint64_t>(filter.from_unix_ms))
      .Bind(static_cast<std::uint64_t>(filter.until_unix_ms))
      .Bind(absl::string_view(filter.target))
      .Bind(absl::string_view(filter.identity))
      .Bind(absl::string_view(filter.key))
      .Bind(static_cast<std::uint64_t>(filter.decision))
      .Bind(static_cast<std::uint64_t>(filter.kind))
      .Bind(static_cast<std::uint64_t>(filter.limit));
  return search;
}

}  // namespace bootseal::audit
