// A log as the first version of the schema had it, made with SQL of that time.
#ifndef BOOTSEAL_TESTS_SERVER_AUDIT_FIRST_SCHEMA_H_
#define BOOTSEAL_TESTS_SERVER_AUDIT_FIRST_SCHEMA_H_

#include <string>
#include <vector>

#include "bootseal/v1/entry.pb.h"

namespace bootseal::tests {

// One entry of each kind that the first version wrote, releases of targets
// "app" and "other" by "ci", with their times.
std::vector<v1::Entry> FirstEntries();

// A whole log of schema version 1 with these leaves: tables, indices, nodes and
// head. A leaf that is no entry is written all the same.
void WriteFirstSchema(const std::string& path,
                      const std::vector<std::string>& leaves);
std::vector<std::string> Encoded(const std::vector<v1::Entry>& entries);

// The result of a query, rows by newline and columns by "|", from a connection
// of its own; fails the test when it has none.
std::string Query(const std::string& path, const std::string& sql);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_AUDIT_FIRST_SCHEMA_H_
