// A search of the entries, as SQL that names only what is asked for. Releases,
// which are most of a log, are found by spans (spans.h), all else by indices:
// no search reads the whole log under the lock that appends need too.
#ifndef BOOTSEAL_SERVER_AUDIT_SQLITE_SEARCH_H_
#define BOOTSEAL_SERVER_AUDIT_SQLITE_SEARCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/audit/sqlite/statement.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// One of SearchesFor(filter), ready to be stepped through positions and
// entries; `filter` must live until then.
absl::StatusOr<Statement> Search(sqlite3* database, const std::string& sql,
                                 const Filter& filter);

// Everything that the filter asks for, each of them in the order of positions
// and with the filter's limit: together they have the page.
std::vector<std::string> SearchesFor(const Filter& filter);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_SQLITE_SEARCH_H_
