#include "tests/server/audit/first_schema.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/merkle.h"
#include "server/audit/tree.h"
#include "server/trust/entry.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

constexpr char kTables[] = R"sql(
PRAGMA journal_mode=WAL;
BEGIN;
CREATE TABLE entries (
  position INTEGER PRIMARY KEY,
  entry BLOB NOT NULL,
  identity TEXT NOT NULL,
  request_id TEXT,
  target TEXT NOT NULL,
  decision INTEGER NOT NULL,
  policy_version INTEGER
) STRICT;
CREATE UNIQUE INDEX releases
  ON entries (identity, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX policies
  ON entries (policy_version) WHERE policy_version IS NOT NULL;
CREATE TABLE nodes (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE heads (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL
) STRICT;
PRAGMA user_version=1;
)sql";

std::string Hex(const audit::TreeHash& hash) {
  return absl::BytesToHexString(image::host::ToString(hash));
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", text, "'");
}

// What the first version filled its columns with.
std::string RowOf(std::size_t index, const std::string& leaf) {
  const auto entry = trust::DecodeEntry(leaf);
  const v1::Entry known = entry.ok() ? *entry : v1::Entry();
  const bool release = known.signing().decision() == v1::ALLOWED;
  return absl::StrCat(
      "INSERT INTO entries VALUES (", index, ", x'",
      absl::BytesToHexString(leaf), "', ", Quoted(known.caller().identity()),
      ", ", release ? Quoted(known.request_id()) : "NULL", ", ",
      Quoted(known.signing().target()), ", ", known.signing().decision(), ", ",
      known.has_policy() ? absl::StrCat(known.policy().version()) : "NULL",
      ");");
}

std::string RowsOf(const std::vector<std::string>& leaves) {
  std::string sql;
  audit::Tree tree;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    absl::StrAppend(&sql, RowOf(i, leaves[i]));
    for (const audit::Node& node : tree.Add(
             image::transparency::LeafHash(image::host::AsBytes(leaves[i])))) {
      absl::StrAppend(&sql, "INSERT INTO nodes VALUES (", node.id.level, ", ",
                      node.id.index, ", x'", Hex(node.hash), "');");
    }
    absl::StrAppend(&sql, "INSERT INTO heads VALUES (", tree.size(), ", x'",
                    Hex(tree.root()), "');");
  }
  return sql;
}

v1::Entry Signing(std::int64_t time, const std::string& target,
                  v1::Decision decision) {
  v1::Entry entry;
  entry.set_time_unix_ms(time);
  entry.set_request_id(absl::StrCat("request-", time));
  entry.mutable_caller()->set_identity("ci");
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_target(target);
  signing.set_version("1.2.3");
  signing.set_decision(decision);
  if (decision != v1::ALLOWED) return entry;
  v1::SignedDigest& digest = *signing.add_digests();
  digest.set_key(absl::StrCat("key-of-", target));
  digest.set_digest(std::string(32, 'd'));
  return entry;
}

}  // namespace

std::vector<v1::Entry> FirstEntries() {
  v1::Entry start;
  start.set_time_unix_ms(1000);
  start.mutable_start()->set_server_version("0.3");
  v1::Entry policy;
  policy.set_time_unix_ms(1001);
  policy.mutable_policy()->set_version(7);
  v1::Entry access;
  access.set_time_unix_ms(1005);
  access.mutable_caller()->set_identity("ci");
  access.mutable_access()->set_rpc("AuditService.ListEntries");
  v1::Entry refusals;
  refusals.set_time_unix_ms(1006);
  refusals.mutable_refusals()->set_count(3);
  return {start,
          policy,
          Signing(1002, "app", v1::ALLOWED),
          Signing(1003, "app", v1::REFUSED),
          Signing(1004, "other", v1::ALLOWED),
          access,
          refusals};
}

std::vector<std::string> Encoded(const std::vector<v1::Entry>& entries) {
  std::vector<std::string> leaves;
  for (const v1::Entry& entry : entries) {
    const auto bytes = trust::EncodeEntry(entry);
    EXPECT_OK(bytes);
    leaves.push_back(*bytes);
  }
  return leaves;
}

void WriteFirstSchema(const std::string& path,
                      const std::vector<std::string>& leaves) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  const std::string sql = absl::StrCat(kTables, RowsOf(leaves), "COMMIT");
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

std::string Query(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  std::vector<std::string> rows;
  const auto collect = [](void* out, int count, char** values, char**) {
    std::vector<std::string> columns;
    for (int i = 0; i < count; ++i) {
      columns.emplace_back(values[i] == nullptr ? "NULL" : values[i]);
    }
    static_cast<std::vector<std::string>*>(out)->push_back(
        absl::StrJoin(columns, "|"));
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), collect, &rows, nullptr),
            SQLITE_OK)
      << sql << ": " << sqlite3_errmsg(database);
  sqlite3_close(database);
  return absl::StrJoin(rows, "\n");
}

}  // namespace bootseal::tests
