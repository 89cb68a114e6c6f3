// Searches by spans find what reading every entry finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/sqlite/store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::audit {
namespace {

constexpr std::uint64_t kEntries = 700;  // ten spans and a part of one

class SqliteSearchTest : public ::testing::Test {
 protected:
  SqliteSearchTest() {
    auto store = OpenSqliteStore(folder_.File("audit.sqlite"));
    EXPECT_OK(store);
    store_ = *std::move(store);
    while (records_.size() < kEntries) AppendSome();
  }

  std::uint64_t Below(std::uint64_t end) { return random_() % end; }

  // Most are releases; some targets are only at one end; times go back.
  Record Next() {
    const std::uint64_t position = records_.size();
    Record record;
    record.entry = absl::StrCat("entry-", position);
    const bool early = position < 100 || Below(200) == 0;
    record.target = early ? "rare" : absl::StrCat("target-", Below(3));
    record.identity = absl::StrCat("ci-", Below(40) == 0 ? 9 : Below(2));
    record.key = absl::StrCat("key-", early ? 9 : Below(2));
    record.kind = Below(10) == 0 ? v1::Entry::kKey : v1::Entry::kSigning;
    record.decision = Below(10) == 0 ? v1::REFUSED : v1::ALLOWED;
    const std::uint64_t back = Below(50) == 0 ? 300 : 0;
    record.time_unix_ms = static_cast<std::int64_t>(1000 + position - back);
    return record;
  }

  void AppendSome() {
    std::vector<Record> batch;
    for (std::uint64_t count = 1 + Below(150); count > 0; --count) {
      batch.push_back(Next());
      records_.push_back(batch.back());
    }
    EXPECT_OK(store_->Append(batch, {}, {records_.size(), {}}));
  }

  Filter AnyFilter() {
    Filter filter;
    filter.start = Below(3) == 0 ? Below(800) : 0;
    filter.limit = static_cast<std::uint32_t>(1 + Below(120));
    if (Below(2) == 0) filter.target = Below(2) == 0 ? "rare" : "target-1";
    if (Below(2) == 0) filter.identity = Below(2) == 0 ? "ci-9" : "ci-1";
    if (Below(3) == 0) filter.key = Below(2) == 0 ? "key-9" : "none";
    if (Below(3) == 0)
      filter.decision = Below(2) == 0 ? v1::REFUSED : v1::ALLOWED;
    if (Below(3) == 0) {
      filter.kind = Below(2) == 0 ? v1::Entry::kKey : v1::Entry::kSigning;
    }
    const auto time = [this] {
      return static_cast<std::int64_t>(1 + Below(2000));
    };
    if (Below(3) == 0) filter.from_unix_ms = time();
    if (Below(3) == 0) filter.until_unix_ms = time();
    return filter;
  }

  static bool Fits(const Record& record, const Filter& filter) {
    return (filter.target.empty() || record.target == filter.target) &&
           (filter.identity.empty() || record.identity == filter.identity) &&
           (filter.key.empty() || record.key == filter.key) &&
           (filter.decision == 0 || record.decision == filter.decision) &&
           (filter.kind == 0 || record.kind == filter.kind) &&
           record.time_unix_ms >= filter.from_unix_ms &&
           (filter.until_unix_ms == 0 ||
            record.time_unix_ms < filter.until_unix_ms);
  }

  std::vector<std::string> Expected(const Filter& filter) const {
    std::vector<std::string> entries;
    for (std::uint64_t i = filter.start; i < records_.size(); ++i) {
      if (entries.size() == filter.limit) break;
      if (Fits(records_[i], filter)) entries.push_back(records_[i].entry);
    }
    return entries;
  }

  std::vector<std::string> Found(const Filter& filter) {
    std::vector<std::string> entries;
    const auto found = store_->List(filter);
    EXPECT_OK(found);
    for (const StoredRecord& each : *found) entries.push_back(each.entry);
    return entries;
  }

  std::mt19937_64 random_{1};
  tests::TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  std::vector<Record> records_;
};

TEST_F(SqliteSearchTest, FindsWhatReadingEveryEntryFinds) {
  int with_hits = 0;
  for (int i = 0; i < 3000; ++i) {
    const Filter filter = AnyFilter();
    const std::vector<std::string> expected = Expected(filter);
    ASSERT_EQ(Found(filter), expected)
        << i << ": " << filter.target << " " << filter.identity << " "
        << filter.key << " " << filter.decision << " " << filter.kind << " "
        << filter.start << " " << filter.from_unix_ms << " "
        << filter.until_unix_ms;
    if (!expected.empty()) ++with_hits;
  }
  EXPECT_GT(with_hits, 500);
}

}  // namespace
}  // namespace bootseal::audit
