// What every store finds by more than target, identity and decision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/audit/sqlite/store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Record Entry(const std::string& entry) {
  Record record;
  record.entry = entry;
  record.identity = "ci";
  record.target = "app";
  record.decision = 1;
  return record;
}

class StoreSearchTest : public ::testing::Test {
 protected:
  StoreSearchTest() {
    auto store = OpenSqliteStore(folder_.File("audit.sqlite"));
    EXPECT_OK(store);
    store_ = *std::move(store);
  }
  absl::Status Append(const std::vector<Record>& records,
                      const std::vector<Node>& nodes, std::uint64_t size) {
    return store_->Append(records, nodes, {size, {}});
  }
  std::vector<std::uint64_t> Listed(const Filter& filter) {
    const auto records = store_->List(filter);
    EXPECT_OK(records);
    std::vector<std::uint64_t> indices;
    for (const StoredRecord& record : *records) {
      indices.push_back(record.index);
    }
    return indices;
  }

  tests::TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreSearchTest, ListsOfAKeyAKindAndATime) {
  std::vector<Record> records;
  for (int i = 0; i < 4; ++i) {
    Record record = Entry(absl::StrCat(i));
    record.key = i % 2 == 0 ? "even" : "odd";
    record.kind = i < 2 ? 10 : 16;
    record.time_unix_ms = 1000 * i;
    records.push_back(record);
  }
  ASSERT_OK(Append(records, {}, 4));
  Filter filter;
  filter.key = "odd";
  EXPECT_THAT(Listed(filter), ElementsAre(1, 3));
  filter.kind = 16;
  EXPECT_THAT(Listed(filter), ElementsAre(3));
  filter = {};
  filter.from_unix_ms = 1000;
  EXPECT_THAT(Listed(filter), ElementsAre(1, 2, 3));
  filter.until_unix_ms = 3000;  // not included
  EXPECT_THAT(Listed(filter), ElementsAre(1, 2));
  filter.key = "odd' OR '1'='1";
  EXPECT_THAT(Listed(filter), IsEmpty());
}

TEST_F(StoreSearchTest, KnowsTheLastReleaseOfATarget) {
  Record release = Entry("0");
  release.kind = 10;
  Record newer = release;
  newer.entry = "1";
  Record other = release;
  other.entry = "2";
  other.target = "secure";
  Record refused = release;
  refused.entry = "3";
  refused.decision = 2;
  Record key_change = release;
  key_change.entry = "4";
  key_change.kind = 16;
  ASSERT_OK(Append({release, newer, other, refused, key_change}, {}, 5));
  EXPECT_EQ((*store_->LastRelease("app"))->index, 1u);
  EXPECT_EQ((*store_->LastRelease("secure"))->entry, "2");
  EXPECT_FALSE(store_->LastRelease("none")->has_value());
  EXPECT_FALSE(store_->LastRelease("")->has_value());
}

TEST_F(StoreSearchTest, ListsAllAboutASubject) {
  Record one = Entry("0");
  one.subject = std::string("\0\xff subject", 10);
  Record other = Entry("1");
  other.subject = "other";
  Record again = one;
  again.entry = "3";
  ASSERT_OK(Append({one, other, Entry("2"), again}, {}, 4));
  const auto about = store_->About(one.subject);
  ASSERT_OK(about);
  ASSERT_EQ(about->size(), 2u);
  EXPECT_EQ((*about)[0].index, 0u);
  EXPECT_EQ((*about)[1].entry, "3");
  EXPECT_THAT(*store_->About(""), IsEmpty());
  EXPECT_THAT(*store_->About("none"), IsEmpty());
}

TEST_F(StoreSearchTest, KnowsTheLastEntryOfAKey) {
  std::vector<Record> records;
  for (const auto& [kind, decision] :
       {std::pair{16, 1}, {16, 3}, {16, 1}, {10, 1}}) {
    Record record = Entry("entry");
    record.key = "app";
    record.kind = kind;
    record.decision = decision;
    records.push_back(record);
  }
  ASSERT_OK(Append(records, {}, 4));
  EXPECT_EQ((*store_->LastOfKey("app", 16, 1))->index, 2u);
  EXPECT_EQ((*store_->LastOfKey("app", 16, 3))->index, 1u);
  EXPECT_EQ((*store_->LastOfKey("app", 10, 1))->index, 3u);
  EXPECT_FALSE(store_->LastOfKey("app", 16, 2)->has_value());
  EXPECT_FALSE(store_->LastOfKey("other", 16, 1)->has_value());
}

}  // namespace
}  // namespace bootseal::audit
