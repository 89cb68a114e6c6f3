// What every store must promise; instantiated for each.
#include "server/audit/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/server/audit/store_home.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::HashOf;

// Of either's integers; one more would wrap.
constexpr std::uint64_t kLargestStored = ~std::uint64_t{0} >> 1;
constexpr auto kExists = absl::StatusCode::kAlreadyExists;

Record Entry(const std::string& entry) {
  Record record = tests::Entry(entry);
  record.identity = "ci";
  record.target = "app";
  record.decision = 1;
  return record;
}

Record Release(const std::string& entry, const std::string& request_id) {
  Record record = Entry(entry);
  record.request_id = request_id;
  return record;
}

// The contract: what holds for every store.
class StoreTest : public ::testing::TestWithParam<tests::StoreKind> {
 protected:
  StoreTest() { Reopen(); }

  void Reopen() {
    store_.reset();
    auto store = home_->Open();
    ASSERT_OK(store);
    store_ = *std::move(store);
  }
  absl::Status Append(const std::vector<Record>& records,
                      const std::vector<Node>& nodes, std::uint64_t size) {
    return store_->Append(records, nodes,
                          {size, HashOf(static_cast<char>(size))});
  }
  void Tamper(const std::string& sql) { home_->Tamper(sql); }
  std::vector<std::uint64_t> Listed(const Filter& filter) {
    const auto records = store_->List(filter);
    EXPECT_OK(records);
    std::vector<std::uint64_t> indices;
    for (const StoredRecord& record : *records) {
      indices.push_back(record.index);
    }
    return indices;
  }

  const std::unique_ptr<tests::StoreHome> home_ =
      tests::MakeStoreHome(GetParam());
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(On, StoreTest, ::testing::ValuesIn(tests::kStoreKinds),
                         tests::NameOfStore);

TEST_P(StoreTest, IsEmptyWhenNew) {
  const auto head = store_->NewestHead();
  ASSERT_OK(head);
  EXPECT_EQ(head->size, 0u);
  EXPECT_EQ(head->root, image::transparency::EmptyRoot());
  EXPECT_THAT(Listed({}), IsEmpty());
  EXPECT_FALSE(store_->HighestPolicy()->has_value());
}

TEST_P(StoreTest, GivesBackWhatWasAppendedAfterReopeningToo) {
  const std::string entry("a\0b\xff", 4);
  ASSERT_OK(Append({Entry(entry), Release("second", "id")},
                   {{{0, 0}, HashOf('x')}, {{1, 0}, HashOf('y')}}, 2));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(*store_->Get(0), entry);
    EXPECT_EQ(*store_->Get(1), "second");
    EXPECT_EQ(store_->NewestHead()->size, 2u);
    EXPECT_EQ(store_->NewestHead()->root, HashOf(2));
    EXPECT_THAT(*store_->Nodes({{1, 0}, {0, 0}}),
                ElementsAre(HashOf('y'), HashOf('x')));
    Reopen();
  }
}

TEST_P(StoreTest, NumbersRecordsFromTheOldHead) {
  ASSERT_OK(Append({Entry("0"), Entry("1")}, {}, 2));
  ASSERT_OK(Append({Entry("2")}, {}, 3));
  EXPECT_EQ(*store_->Get(2), "2");
}

TEST_P(StoreTest, HasNothingBeyondItsEnd) {
  ASSERT_OK(Append({Entry("0")}, {}, 1));
  EXPECT_EQ(store_->Get(1).status().code(), absl::StatusCode::kNotFound);
  for (const std::uint64_t index :
       {kLargestStored, kLargestStored + 1, ~std::uint64_t{0}}) {
    EXPECT_EQ(store_->Get(index).status().code(), absl::StatusCode::kNotFound);
  }
}

TEST_P(StoreTest, ListsNothingFromBeyondItsEnd) {
  ASSERT_OK(Append({Entry("0")}, {}, 1));
  Filter filter;
  for (const std::uint64_t start : {std::uint64_t{1}, kLargestStored,
                                    kLargestStored + 1, ~std::uint64_t{0}}) {
    filter.start = start;
    EXPECT_THAT(Listed(filter), IsEmpty()) << start;
  }
}

TEST_P(StoreTest, MissesNodesThatItDoesNotHave) {
  ASSERT_OK(Append({Entry("0")}, {{{0, 0}, HashOf('x')}}, 1));
  EXPECT_EQ(store_->Nodes({{0, 0}, {0, 1}}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(*store_->Nodes({}), IsEmpty());
}

TEST_P(StoreTest, TakesOneHeadOfASize) {
  ASSERT_OK(Append({Entry("0"), Entry("1")}, {}, 2));
  EXPECT_EQ(store_->Append({}, {}, {2, HashOf('z')}).code(), kExists);
  EXPECT_EQ(store_->NewestHead()->root, HashOf(2));
}

TEST_P(StoreTest, WritesNothingOfAnAppendThatConflicts) {
  ASSERT_OK(Append({Release("0", "id")}, {}, 1));
  EXPECT_EQ(Append({Entry("1"), Release("2", "id")}, {{{0, 1}, HashOf('x')}}, 3)
                .code(),
            kExists);
  EXPECT_EQ(store_->NewestHead()->size, 1u);
  EXPECT_EQ(store_->Get(1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Nodes({{0, 1}}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_OK(Append({Entry("1")}, {{{0, 1}, HashOf('x')}}, 2));
}

TEST_P(StoreTest, DoesNotOverwriteAnEntryOrANode) {
  ASSERT_OK(Append({Entry("0"), Entry("1")}, {{{0, 0}, HashOf('x')}}, 2));
  EXPECT_EQ(Append({Entry("other")}, {}, 1).code(), kExists);
  EXPECT_EQ(Append({Entry("2")}, {{{0, 0}, HashOf('y')}}, 3).code(), kExists);
  EXPECT_EQ(*store_->Get(0), "0");
  EXPECT_EQ(store_->Nodes({{0, 0}})->front(), HashOf('x'));
}

TEST_P(StoreTest, FindsAReleaseByIdentityAndRequestId) {
  Record other = Release("1", "id");
  other.identity = "alice";
  ASSERT_OK(Append({Release("0", "id"), other, Entry("2")}, {}, 3));
  EXPECT_EQ((*store_->FindRelease("ci", "id"))->index, 0u);
  EXPECT_EQ((*store_->FindRelease("alice", "id"))->entry, "1");
  EXPECT_FALSE(store_->FindRelease("ci", "ID")->has_value());
  EXPECT_FALSE(store_->FindRelease("mallory", "id")->has_value());
  EXPECT_FALSE(store_->FindRelease("ci", "")->has_value());
}

TEST_P(StoreTest, FindsManyReleasesAtOnceInTheOrderAskedFor) {
  ASSERT_OK(Append({Release("0", "a"), Entry("1"), Release("2", "b")}, {}, 3));
  const auto found = store_->FindReleases(
      {{"ci", "b"}, {"ci", "none"}, {"ci", "a"}, {"alice", "a"}, {"ci", "b"}});
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 5u);
  EXPECT_EQ((*found)[0]->entry, "2");
  EXPECT_FALSE((*found)[1].has_value());
  EXPECT_EQ((*found)[2]->index, 0u);
  EXPECT_FALSE((*found)[3].has_value());
  EXPECT_EQ((*found)[4]->index, 2u);
  EXPECT_THAT(*store_->FindReleases({}), IsEmpty());
}

TEST_P(StoreTest, TakesManyRecordsWithoutRequestId) {
  EXPECT_OK(Append({Entry("0"), Entry("1"), Entry("2")}, {}, 3));
}

TEST_P(StoreTest, ListsWhatMatchesEveryFilter) {
  Record refused = Entry("1");
  refused.decision = 2;
  Record alice = Entry("2");
  alice.identity = "alice";
  Record other = Entry("3");
  other.target = "secure";
  ASSERT_OK(Append({Entry("0"), refused, alice, other, Entry("4")}, {}, 5));
  Filter filter;
  EXPECT_THAT(Listed(filter), ElementsAre(0, 1, 2, 3, 4));
  filter.identity = "ci";
  EXPECT_THAT(Listed(filter), ElementsAre(0, 1, 3, 4));
  filter.target = "app";
  EXPECT_THAT(Listed(filter), ElementsAre(0, 1, 4));
  filter.decision = 1;
  EXPECT_THAT(Listed(filter), ElementsAre(0, 4));
  filter.start = 1;
  EXPECT_THAT(Listed(filter), ElementsAre(4));
  filter.target = "app' OR '1'='1";
  EXPECT_THAT(Listed(filter), IsEmpty());
}

TEST_P(StoreTest, ListsNoMoreThanTheLimit) {
  ASSERT_OK(Append({Entry("0"), Entry("1"), Entry("2")}, {}, 3));
  Filter filter;
  filter.start = 1;
  filter.limit = 1;
  EXPECT_THAT(Listed(filter), ElementsAre(1));
}

TEST_P(StoreTest, KnowsThePolicyWithTheHighestVersionAndNotTheLast) {
  Record nine = Entry("0");
  nine.policy_version = 9;
  Record ten = Entry("1");
  ten.policy_version = 10;
  ASSERT_OK(Append({nine, ten, nine, Entry("3")}, {}, 4));
  for (int i = 0; i < 2; ++i) {
    const auto highest = store_->HighestPolicy();
    ASSERT_OK(highest);
    ASSERT_TRUE(highest->has_value());
    EXPECT_EQ((*highest)->index, 1u);
    EXPECT_EQ((*highest)->entry, "1");
    Reopen();
  }
}

TEST_P(StoreTest, KnowsTheNewestOfTwoPoliciesWithOneVersion) {
  Record first = Entry("0");
  first.policy_version = 9;
  Record second = Entry("1");
  second.policy_version = 9;
  ASSERT_OK(Append({first, second, Entry("2")}, {}, 3));
  EXPECT_EQ((*store_->HighestPolicy())->index, 1u);
}

TEST_P(StoreTest, HoldsTheHighestVersionThatThereIs) {
  Record highest = Entry("0");
  highest.policy_version = kLargestStored;
  Record low = Entry("1");
  low.policy_version = 1;
  ASSERT_OK(Append({highest, low}, {}, 2));
  EXPECT_EQ((*store_->HighestPolicy())->index, 0u);
}

TEST_P(StoreTest, RefusesANumberThatWouldWrap) {
  Record beyond = Entry("0");
  beyond.policy_version = kLargestStored + 1;
  EXPECT_THAT(Append({beyond}, {}, 1),
              tests::StatusIs(absl::StatusCode::kOutOfRange, "LOG_NUMBER"));
  EXPECT_EQ(store_->NewestHead()->size, 0u);
  EXPECT_OK(Append({Entry("0")}, {}, 1));
  EXPECT_FALSE(store_->HighestPolicy()->has_value());
}

TEST_P(StoreTest, RefusesAStoredNumberBelowZero) {
  Record record = Entry("0");
  record.policy_version = 1;
  ASSERT_OK(Append({record}, {}, 1));
  Tamper("UPDATE entries SET position = -1");
  EXPECT_THAT(
      store_->HighestPolicy(),
      tests::StatusIs(absl::StatusCode::kFailedPrecondition, "LOG_CORRUPT"));
}

TEST_P(StoreTest, ShowsReadersWholeAppendsOnly) {
  constexpr std::uint64_t kAppends = 50;
  std::thread writer([this] {
    for (std::uint64_t i = 1; i <= kAppends; ++i) {
      EXPECT_OK(Append({Entry("a"), Entry("b"), Entry("c")}, {}, 3 * i));
    }
  });
  std::uint64_t size = 0;
  while (size < 3 * kAppends) {
    size = store_->NewestHead()->size;
    EXPECT_EQ(size % 3, 0u);
    if (size == 0) continue;
    EXPECT_EQ(*store_->Get(size - 1), "c");
  }
  writer.join();
}

TEST_P(StoreTest, KeepsZeroBytesAndWhatIsNoText) {
  const std::string odd("a\0\xff\\\"{},NULL'", 13);
  Record record = Release("0", odd);
  record.identity = odd;
  record.target = odd;
  record.key = odd;
  record.subject = odd;
  Record plain = Entry("1");
  plain.target = "a";
  ASSERT_OK(Append({record, plain}, {}, 2));
  EXPECT_EQ((*store_->FindRelease(odd, odd))->index, 0u);
  EXPECT_EQ(store_->About(odd)->size(), 1u);
  Filter filter;
  filter.target = odd;
  EXPECT_THAT(Listed(filter), ElementsAre(0));
  filter.target = "a";
  EXPECT_THAT(Listed(filter), ElementsAre(1));
}

TEST_P(StoreTest, KnowsTheNewestReleaseOfATarget) {
  Record first = Entry("0");
  first.kind = 10;
  Record second = first;
  second.entry = "1";
  Record refused = first;
  refused.decision = 2;
  Record other = first;
  other.target = "secure";
  Record approval = first;
  approval.kind = 15;
  ASSERT_OK(Append({first, second, refused, other, approval}, {}, 5));
  EXPECT_EQ((*store_->LastRelease("app"))->index, 1u);
  EXPECT_EQ((*store_->LastRelease("secure"))->index, 3u);
  EXPECT_FALSE(store_->LastRelease("App")->has_value());
  EXPECT_FALSE(store_->LastRelease("")->has_value());
}

TEST_P(StoreTest, ListsWhatIsAboutASubjectOldestFirst) {
  Record one = Entry("0");
  one.subject = std::string(32, '\x01');
  Record other = Entry("1");
  other.subject = std::string(32, '\x02');
  ASSERT_OK(Append({one, other, one, Entry("3")}, {}, 4));
  const auto about = store_->About(one.subject);
  ASSERT_OK(about);
  ASSERT_EQ(about->size(), 2u);
  EXPECT_EQ((*about)[0].index, 0u);
  EXPECT_EQ((*about)[1].index, 2u);
  EXPECT_THAT(*store_->About(""), IsEmpty());
  EXPECT_THAT(*store_->About(std::string(31, '\x01')), IsEmpty());
}

TEST_P(StoreTest, KnowsTheNewestEntryAboutAKey) {
  Record change = Entry("0");
  change.key = "app";
  change.kind = 16;
  Record later = change;
  later.entry = "1";
  Record pending = change;
  pending.decision = 3;
  ASSERT_OK(Append({change, later, pending}, {}, 3));
  EXPECT_EQ((*store_->LastOfKey("app", 16, 1))->index, 1u);
  EXPECT_EQ((*store_->LastOfKey("app", 16, 3))->index, 2u);
  EXPECT_FALSE(store_->LastOfKey("app", 10, 1)->has_value());
  EXPECT_FALSE(store_->LastOfKey("log", 16, 1)->has_value());
}

TEST_P(StoreTest, ListsByKindKeyAndTime) {
  std::vector<Record> records;
  for (const int time : {1000, 2000, 3000}) {
    records.push_back(Entry(absl::StrCat(time)));
    records.back().time_unix_ms = time;
    records.back().kind = time == 2000 ? 16 : 10;
    records.back().key = time == 3000 ? "log" : "app";
  }
  ASSERT_OK(Append(records, {}, 3));
  Filter filter;
  filter.from_unix_ms = 2000;
  EXPECT_THAT(Listed(filter), ElementsAre(1, 2));
  filter.until_unix_ms = 3000;
  EXPECT_THAT(Listed(filter), ElementsAre(1));
  filter = {};
  filter.kind = 10;
  EXPECT_THAT(Listed(filter), ElementsAre(0, 2));
  filter.key = "app";
  EXPECT_THAT(Listed(filter), ElementsAre(0));
}

TEST_P(StoreTest, TakesATurnAndGoesOnAfterOneWithoutAppend) {
  ASSERT_OK(Append({Entry("0")}, {}, 1));
  EXPECT_EQ(store_->TakeTurn()->size, 1u);
  EXPECT_EQ(*store_->Get(0), "0");
  store_->EndTurn();
  EXPECT_EQ(store_->TakeTurn()->size, 1u);
  EXPECT_EQ(store_->NewestHead()->size, 1u);
  ASSERT_OK(Append({Entry("1")}, {}, 2));
  EXPECT_EQ(*store_->Get(1), "1");
  EXPECT_EQ(store_->TakeTurn()->root, HashOf(2));
  store_->EndTurn();
}

TEST_P(StoreTest, HoldsTheLargestEntriesInOneBatch) {
  const std::string large(65535, '\xfe');
  ASSERT_OK(Append(std::vector<Record>(40, Entry(large)), {}, 40));
  EXPECT_EQ(*store_->Get(39), large);
}

}  // namespace
}  // namespace bootseal::audit
