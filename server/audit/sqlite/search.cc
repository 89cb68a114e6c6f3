#include "server/audit/sqlite/search.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "base/status.h"
#include "bootseal/v1/entry.pb.h"

namespace bootseal::audit {
namespace {

// Times hardly ever go back: spans bound the positions, which are then read in
// their order.
constexpr char kBounds[] = R"sql(
WITH RECURSIVE bounds (first, last) AS MATERIALIZED (SELECT
  max(?1, iif(?2 = 0, 0, coalesce((SELECT span * 64 FROM times
    WHERE newest >= ?2 ORDER BY span LIMIT 1), 9223372036854775807))),
  iif(?3 = 0, 9223372036854775807, coalesce((SELECT span * 64 + 63 FROM times
    WHERE oldest < ?3 ORDER BY span DESC LIMIT 1), -1)))
)sql";
constexpr char kPlain[] =
    " SELECT position, entry FROM entries"
    " WHERE position BETWEEN (SELECT first FROM bounds)"
    " AND (SELECT last FROM bounds)";
constexpr char kOthers[] = " AND (decision <> 1 OR kind <> 10)";
// From span to span in which one of the terms has a release, until those before
// fill the page: it reads few of them, however many there are, and no more is
// sorted. The plus keeps SQLite from reading all positions within the bounds
// for each.
constexpr char kHops[] = R"sql(
, hops (span, before) AS (
  SELECT min((SELECT span FROM spans WHERE term = id
    AND span >= (SELECT first / 64 FROM bounds) ORDER BY span LIMIT 1)), 0
  FROM asked
  UNION ALL
  SELECT (SELECT min((SELECT span FROM spans WHERE term = id
    AND span > hops.span ORDER BY span LIMIT 1)) FROM asked),
    before + (SELECT count(*)$0)
  FROM hops WHERE span < (SELECT last / 64 FROM bounds) AND before < ?9)
SELECT position, entry$1 AND before < ?9 ORDER BY position LIMIT ?9)sql";
constexpr char kInSpan[] = R"sql( entries NOT INDEXED
WHERE position BETWEEN hops.span * 64 AND hops.span * 64 + 63
  AND +position BETWEEN (SELECT first FROM bounds) AND (SELECT last FROM bounds)
  AND decision = 1 AND kind = 10)sql";

std::string TermsOf(const Filter& filter) {
  std::string sql;
  if (!filter.target.empty()) absl::StrAppend(&sql, " AND target = ?4");
  if (!filter.identity.empty()) absl::StrAppend(&sql, " AND identity = ?5");
  if (!filter.key.empty()) absl::StrAppend(&sql, " AND key = ?6");
  return sql;
}

std::string TimesOf(const Filter& filter) {
  std::string sql;
  if (filter.from_unix_ms != 0)
    absl::StrAppend(&sql, " AND time_unix_ms >= ?2");
  if (filter.until_unix_ms != 0)
    absl::StrAppend(&sql, " AND time_unix_ms < ?3");
  return sql;
}

std::string Everything(const Filter& filter) {
  return absl::StrCat(kBounds, kPlain, TimesOf(filter),
                      " ORDER BY position LIMIT ?9");
}

std::string Others(const Filter& filter) {
  std::string sql =
      absl::StrCat(kBounds, kPlain, kOthers, TermsOf(filter), TimesOf(filter));
  if (filter.decision != 0) absl::StrAppend(&sql, " AND decision = ?7");
  if (filter.kind != 0) absl::StrAppend(&sql, " AND kind = ?8");
  return absl::StrCat(sql, " ORDER BY position LIMIT ?9");
}

std::string Releases(const Filter& filter) {
  const std::string terms = TermsOf(filter);
  const std::string rows = absl::StrCat(kInSpan, terms, TimesOf(filter));
  return absl::StrCat(
      kBounds, ", asked (id) AS MATERIALIZED (SELECT id FROM terms WHERE true",
      terms, ")",
      absl::Substitute(kHops, absl::StrCat(" FROM", rows),
                       absl::StrCat(" FROM hops CROSS JOIN", rows)));
}

}  // namespace

std::vector<std::string> SearchesFor(const Filter& filter) {
  const bool any_term =
      !filter.target.empty() || !filter.identity.empty() || !filter.key.empty();
  if (!any_term && filter.decision == 0 && filter.kind == 0) {
    return {Everything(filter)};
  }
  const bool released = filter.decision == v1::ALLOWED;
  const bool signing = filter.kind == v1::Entry::kSigning;
  std::vector<std::string> searches;
  if (!released || !signing) searches.push_back(Others(filter));
  if ((released || filter.decision == 0) && (signing || filter.kind == 0)) {
    searches.push_back(Releases(filter));
  }
  return searches;
}

absl::StatusOr<Statement> Search(sqlite3* database, const std::string& sql,
                                 const Filter& filter) {
  ASSIGN_OR_RETURN(Statement search, Statement::Prepare(database, sql));
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
