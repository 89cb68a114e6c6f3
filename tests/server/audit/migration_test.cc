// A log that an earlier version wrote, opened by this one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/load.h"
#include "server/audit/record.h"
#include "server/audit/sqlite/store.h"
#include "server/trust/entry.h"
#include "tests/server/audit/first_schema.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::audit {
namespace {

using tests::Encoded;
using tests::FirstEntries;
using tests::Query;
using tests::StatusIs;
using tests::WriteFirstSchema;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr char kVersion[] = "PRAGMA user_version";
constexpr char kEverything[] =
    "SELECT hex(entry), * FROM entries; SELECT * FROM nodes; "
    "SELECT * FROM heads; SELECT name, sql FROM sqlite_master ORDER BY name";
constexpr char kIndices[] =
    "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    " ORDER BY name";

class MigrationTest : public ::testing::Test {
 protected:
  std::string path() const { return folder_.File("audit.sqlite"); }
  std::unique_ptr<Store> Opened() {
    auto store = OpenSqliteStore(path());
    EXPECT_OK(store);
    return *std::move(store);
  }
  // Refused with this reason, and not a row is another one afterwards.
  void ExpectRefusedUntouched(const std::string& reason) {
    const std::string before = Query(path(), kEverything);
    EXPECT_THAT(OpenSqliteStore(path()), StatusIs(kPrecondition, reason));
    EXPECT_EQ(Query(path(), kVersion), "1");
    EXPECT_EQ(Query(path(), kEverything), before);
  }

  tests::TemporaryFolder folder_;
};

TEST_F(MigrationTest, FillsEveryColumnFromTheEntries) {
  std::vector<v1::Entry> entries = FirstEntries();
  WriteFirstSchema(path(), Encoded(entries));
  ASSERT_EQ(Query(path(), kVersion), "1");
  Opened();
  EXPECT_EQ(Query(path(), kVersion), "3");
  EXPECT_EQ(Query(path(),
                  "SELECT position, kind, time_unix_ms, key, subject"
                  " FROM entries ORDER BY position"),
            "0|12|1000||NULL\n"
            "1|11|1001||NULL\n"
            "2|10|1002|key-of-app|NULL\n"
            "3|10|1003||NULL\n"
            "4|10|1004|key-of-other|NULL\n"
            "5|14|1005||NULL\n"
            "6|13|1006||NULL");
}

// Nobody should have to know which version made a log.
TEST_F(MigrationTest, MakesWhatANewLogHas) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  Opened();
  const std::string fresh = folder_.File("fresh.sqlite");
  ASSERT_OK(OpenSqliteStore(fresh));
  for (const char* table : {"entries", "nodes", "heads"}) {
    const std::string columns = absl::StrCat(
        "SELECT cid, name, type, \"notnull\", pk FROM pragma_table_info('",
        table, "') ORDER BY cid");
    EXPECT_EQ(Query(path(), columns), Query(fresh, columns)) << table;
  }
  EXPECT_EQ(Query(path(), kIndices), Query(fresh, kIndices));
}

TEST_F(MigrationTest, KeepsEveryEntryNodeAndHead) {
  const std::vector<std::string> leaves = Encoded(FirstEntries());
  WriteFirstSchema(path(), leaves);
  const std::string nodes = Query(path(), "SELECT * FROM nodes");
  const std::string heads = Query(path(), "SELECT * FROM heads");
  const auto store = Opened();
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    EXPECT_EQ(*store->Get(i), leaves[i]);
  }
  EXPECT_OK(LoadTree(*store));
  EXPECT_EQ(Query(path(), "SELECT * FROM nodes"), nodes);
  EXPECT_EQ(Query(path(), "SELECT * FROM heads"), heads);
}

TEST_F(MigrationTest, MakesOldEntriesFoundByTheNewFilters) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  const auto store = Opened();
  EXPECT_EQ((*store->LastRelease("app"))->index, 2u);
  EXPECT_EQ((*store->LastRelease("other"))->index, 4u);
  Filter filter;
  filter.key = "key-of-other";
  EXPECT_EQ(store->List(filter)->front().index, 4u);
  filter = {};
  filter.from_unix_ms = 1003;
  filter.until_unix_ms = 1005;
  EXPECT_EQ(store->List(filter)->size(), 2u);
  filter = {};
  filter.kind = v1::Entry::kStart;
  EXPECT_EQ(store->List(filter)->size(), 1u);
}

TEST_F(MigrationTest, GoesOnWithTheLog) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  const auto store = Opened();
  auto tree = LoadTree(*store);
  ASSERT_OK(tree);
  const auto record = RecordOf(FirstEntries()[2]);
  ASSERT_OK(record);
  const auto nodes = tree->Add(
      image::transparency::LeafHash(std::as_bytes(std::span(record->entry))));
  ASSERT_OK(store->Append({*record}, nodes, {tree->size(), tree->root()}));
  EXPECT_EQ((*store->LastRelease("app"))->index, 7u);
  EXPECT_OK(LoadTree(*store));
}

TEST_F(MigrationTest, LeavesALogOfThisVersionAsItIs) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  Opened();
  const std::string before = Query(path(), kEverything);
  Opened();
  EXPECT_EQ(Query(path(), kEverything), before);
}

TEST_F(MigrationTest, TakesALogWithoutEntries) {
  WriteFirstSchema(path(), {});
  EXPECT_EQ(Opened()->NewestHead()->size, 0u);
  EXPECT_EQ(Query(path(), kVersion), "3");
}

// More than are read at once.
TEST_F(MigrationTest, TakesALogOfThousandsOfEntries) {
  std::vector<v1::Entry> entries;
  for (int i = 0; i < 2001; ++i) {
    entries.push_back(FirstEntries()[2]);
    entries.back().set_time_unix_ms(i + 1);
    entries.back().set_request_id(absl::StrCat("id-", i));
  }
  WriteFirstSchema(path(), Encoded(entries));
  const auto store = Opened();
  EXPECT_EQ(Query(path(),
                  "SELECT count(*) FROM entries WHERE kind = 10"
                  " AND time_unix_ms = position + 1"),
            "2001");
}

TEST_F(MigrationTest, RefusesAnEntryThatCannotBeReadAndTouchesNothing) {
  std::vector<std::string> leaves = Encoded(FirstEntries());
  leaves[4] = "no entry at all";
  WriteFirstSchema(path(), leaves);
  ExpectRefusedUntouched("LOG_CORRUPT");
  EXPECT_THAT(OpenSqliteStore(path()), tests::MessageHas("entry 4 "));
}

TEST_F(MigrationTest, RefusesAnEntryWithOneByteChanged) {
  std::vector<std::string> leaves = Encoded(FirstEntries());
  leaves[2][8] = static_cast<char>(leaves[2][8] ^ 1);  // digest in its head
  WriteFirstSchema(path(), leaves);
  ExpectRefusedUntouched("LOG_CORRUPT");
}

TEST_F(MigrationTest, RefusesALogThatSaysVersionOneAndHasTheColumns) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  Query(path(), "ALTER TABLE entries ADD COLUMN kind INTEGER");
  const std::string before = Query(path(), kEverything);
  EXPECT_FALSE(OpenSqliteStore(path()).ok());
  EXPECT_EQ(Query(path(), kVersion), "1");
  EXPECT_EQ(Query(path(), kEverything), before);
}

// As the second version left it: an index of every entry for each filter.
constexpr char kMakeSecond[] = R"sql(
DROP TABLE terms; DROP TABLE spans; DROP TABLE times;
DROP INDEX targets; DROP INDEX identities; DROP INDEX keys;
DROP INDEX decisions; DROP INDEX kinds;
CREATE INDEX targets ON entries (target);
CREATE INDEX identities ON entries (identity);
CREATE INDEX keys ON entries (key);
CREATE INDEX decisions ON entries (decision, kind);
CREATE INDEX kinds ON entries (kind);
CREATE INDEX times ON entries (time_unix_ms);
PRAGMA user_version=2;
)sql";

TEST_F(MigrationTest, MakesOfTheSecondVersionWhatItMakesOfTheFirst) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  Opened();
  constexpr const char* kFound[] = {
      kEverything,
      kIndices,
      kVersion,
      "SELECT * FROM terms ORDER BY target, identity, key",
      "SELECT target, span FROM spans JOIN terms ON id = term ORDER BY 1, 2",
      "SELECT * FROM times"};
  std::vector<std::string> before;
  for (const char* sql : kFound) before.push_back(Query(path(), sql));
  EXPECT_NE(before[4], "");
  Query(path(), kMakeSecond);
  ASSERT_EQ(Query(path(), kVersion), "2");
  const auto store = Opened();
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(Query(path(), kFound[i]), before[i]) << kFound[i];
  }
  Filter filter;
  filter.key = "key-of-other";
  ASSERT_EQ(store->List(filter)->size(), 1u);
  filter.from_unix_ms = 1005;
  EXPECT_EQ(store->List(filter)->size(), 0u);
}

TEST_F(MigrationTest, LeavesTheSecondVersionWhereItCannotMakeTheThird) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  Opened();
  Query(path(), kMakeSecond);
  Query(path(), "CREATE TABLE terms (other); INSERT INTO terms VALUES (1)");
  const std::string before = Query(path(), kIndices);
  EXPECT_FALSE(OpenSqliteStore(path()).ok());
  EXPECT_EQ(Query(path(), kVersion), "2");
  EXPECT_EQ(Query(path(), kIndices), before);
}

TEST_F(MigrationTest, RefusesALogOfALaterVersionUntouched) {
  WriteFirstSchema(path(), Encoded(FirstEntries()));
  Query(path(), "PRAGMA user_version=4");
  EXPECT_THAT(OpenSqliteStore(path()), StatusIs(kPrecondition, "LOG_SCHEMA"));
  EXPECT_EQ(Query(path(), kVersion), "4");
}

}  // namespace
}  // namespace bootseal::audit
