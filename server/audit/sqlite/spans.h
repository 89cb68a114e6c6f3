// What releases are searched by: not each one by an index, but which target,
// identity and key have any in a span of positions. Few rows for many releases,
// since most of a span are of the same few.
#ifndef BOOTSEAL_SERVER_AUDIT_SQLITE_SPANS_H_
#define BOOTSEAL_SERVER_AUDIT_SQLITE_SPANS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/audit/sqlite/statement.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// Fills the tables of spans for the entries that are appended. Not thread-safe;
// the connection must outlive it.
class SpanWriter {
 public:
  static absl::StatusOr<SpanWriter> Prepare(sqlite3* database);

  // Of the records from position `first` on, in the transaction that inserts
  // them.
  absl::Status Add(const std::vector<Record>& records, std::uint64_t first);

 private:
  SpanWriter(Statement term, Statement span, Statement time);

  absl::Status AddTerms(const std::vector<Record>& records,
                        std::uint64_t first);
  absl::Status AddTimes(const std::vector<Record>& records,
                        std::uint64_t first);

  Statement term_;
  Statement span_;
  Statement time_;
};

// Of everything that is in `entries`, for a log whose spans are empty.
absl::Status FillSpans(sqlite3* database);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_SQLITE_SPANS_H_
