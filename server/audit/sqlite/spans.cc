#include "server/audit/sqlite/spans.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/status.h"
#include "bootseal/v1/entry.pb.h"

namespace bootseal::audit {
namespace {

// search.cc's and kFill's 64.
constexpr std::uint64_t kSpan = 64;

constexpr char kInsertTerm[] =
    "INSERT OR IGNORE INTO terms (target, identity, key) VALUES (?, ?, ?)";
constexpr char kInsertSpan[] =
    "INSERT OR IGNORE INTO spans SELECT id, ? FROM terms"
    " WHERE target = ? AND identity = ? AND key = ?";
constexpr char kInsertTime[] =
    "INSERT INTO times VALUES (?, ?, ?) ON CONFLICT (span) DO UPDATE SET"
    " oldest = min(oldest, excluded.oldest),"
    " newest = max(newest, excluded.newest)";
constexpr char kFill[] = R"sql(
INSERT INTO terms (target, identity, key)
  SELECT DISTINCT target, identity, key FROM entries
  WHERE decision = 1 AND kind = 10;
INSERT INTO spans
  SELECT DISTINCT id, position / 64 FROM entries
  JOIN terms USING (target, identity, key) WHERE decision = 1 AND kind = 10;
INSERT INTO times
  SELECT position / 64, min(time_unix_ms), max(time_unix_ms) FROM entries
  GROUP BY position / 64;
)sql";

}  // namespace

SpanWriter::SpanWriter(Statement term, Statement span, Statement time)
    : term_(std::move(term)), span_(std::move(span)), time_(std::move(time)) {}

absl::StatusOr<SpanWriter> SpanWriter::Prepare(sqlite3* database) {
  ASSIGN_OR_RETURN(Statement term, Statement::Prepare(database, kInsertTerm));
  ASSIGN_OR_RETURN(Statement span, Statement::Prepare(database, kInsertSpan));
  ASSIGN_OR_RETURN(Statement time, Statement::Prepare(database, kInsertTime));
  return SpanWriter(std::move(term), std::move(span), std::move(time));
}

absl::Status SpanWriter::Add(const std::vector<Record>& records,
                             std::uint64_t first) {
  RETURN_IF_ERROR(AddTerms(records, first));
  return AddTimes(records, first);
}

absl::Status SpanWriter::AddTerms(const std::vector<Record>& records,
                                  std::uint64_t first) {
  using Term = std::tuple<absl::string_view, absl::string_view,
                          absl::string_view, std::uint64_t>;
  std::set<Term> terms;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    if (record.decision != v1::ALLOWED || record.kind != v1::Entry::kSigning) {
      continue;
    }
    terms.emplace(record.target, record.identity, record.key,
                  (first + i) / kSpan);
  }
  for (const auto& [target, identity, key, span] : terms) {
    RETURN_IF_ERROR(term_.Bind(target).Bind(identity).Bind(key).Run());
    span_.Bind(span).Bind(target).Bind(identity).Bind(key);
    RETURN_IF_ERROR(span_.Run());
  }
  return absl::OkStatus();
}

absl::Status SpanWriter::AddTimes(const std::vector<Record>& records,
                                  std::uint64_t first) {
  std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> times;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::int64_t time = records[i].time_unix_ms;
    auto& [oldest, newest] =
        times.try_emplace((first + i) / kSpan, time, time).first->second;
    oldest = std::min(oldest, time);
    newest = std::max(newest, time);
  }
  for (const auto& [span, bounds] : times) {
    time_.Bind(span)
        .Bind(static_cast<std::uint64_t>(bounds.first))
        .Bind(static_cast<std::uint64_t>(bounds.second));
    RETURN_IF_ERROR(time_.Run());
  }
  return absl::OkStatus();
}

absl::Status FillSpans(sqlite3* database) { return Execute(database, kFill); }

}  // namespace bootseal::audit
