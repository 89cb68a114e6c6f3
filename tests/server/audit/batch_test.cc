#include "server/audit/batch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "server/audit/record.h"
#include "server/audit/sqlite/store.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::audit {
namespace {

using tests::RecordOf;

class BatchTest : public ::testing::Test {
 protected:
  BatchTest() : store_(*OpenSqliteStore(folder_.File("audit.sqlite"))) {}

  tests::TemporaryFolder folder_;
  const std::unique_ptr<Store> store_;
  LastReleases releases_{*store_};
  Batch batch_{*store_, releases_, Tree()};
};

TEST_F(BatchTest, GivesTheSecondOfTwoEqualReleasesThePlaceOfTheFirst) {
  ASSERT_OK(batch_.Add(RecordOf("", "refused")));
  const auto first = batch_.Add(RecordOf("id", "content"));
  const auto second = batch_.Add(RecordOf("id", "content"));
  ASSERT_OK(second);
  EXPECT_FALSE(first->replayed);
  EXPECT_TRUE(second->replayed);
  EXPECT_EQ(second->index, first->index);
  EXPECT_EQ(second->entry, first->entry);
  EXPECT_EQ(batch_.records().size(), 2u);
  EXPECT_EQ(batch_.tree().size(), 2u);
}

TEST_F(BatchTest, GivesNoPlaceToOtherContentUnderOneId) {
  ASSERT_OK(batch_.Add(RecordOf("id", "content")));
  const auto other = batch_.Add(RecordOf("id", "other"));
  ASSERT_OK(other);
  EXPECT_THAT(other->status, tests::StatusIs(absl::StatusCode::kAlreadyExists,
                                             "REQUEST_ID_REUSED"));
  EXPECT_EQ(batch_.records().size(), 1u);
}

TEST_F(BatchTest, KeepsIdentitiesApart) {
  ASSERT_OK(batch_.Add(RecordOf("id", "content")));
  Record alice = RecordOf("id", "other");
  alice.identity = "alice";
  const auto place = batch_.Add(alice);
  ASSERT_OK(place);
  EXPECT_OK(place->status);
  EXPECT_EQ(place->index, 1u);
}

TEST_F(BatchTest, RefusesARepeatThatIsNoEntryAndGoesOn) {
  ASSERT_OK(batch_.Add(RecordOf("id", "content")));
  Record broken = RecordOf("id", "content");
  broken.entry = "no entry";
  const auto place = batch_.Add(broken);
  ASSERT_OK(place);
  EXPECT_THAT(place->status, tests::StatusIs(absl::StatusCode::kInvalidArgument,
                                             "ENTRY_MALFORMED"));
  EXPECT_OK(batch_.Add(RecordOf("next", "content"))->status);
}

v1::SigningEvent ReleaseOf(const std::string& target, std::uint32_t counter) {
  v1::SigningEvent event;
  event.set_target(target);
  event.set_decision(v1::ALLOWED);
  event.set_security_counter(counter);
  return event;
}

Record ReleaseRecord(const std::string& target, std::uint32_t counter) {
  v1::Entry entry;
  *entry.mutable_signing() = ReleaseOf(target, counter);
  auto record = audit::RecordOf(entry);
  return record.ok() ? *std::move(record) : Record();
}

TEST_F(BatchTest, GivesNoPlaceToARecordWhoseCheckFails) {
  Record record = RecordOf("id", "content");
  record.recheck = [](const Standing&) {
    return base::Precondition("NOT_NOW", "not now");
  };
  const auto place = batch_.Add(record);
  ASSERT_OK(place);
  EXPECT_THAT(
      place->status,
      tests::StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_NOW"));
  EXPECT_TRUE(batch_.records().empty());
  // Nor does it keep its request id.
  const auto other = batch_.Add(RecordOf("id", "other"));
  ASSERT_OK(other);
  EXPECT_OK(other->status);
  EXPECT_FALSE(other->replayed);
}

TEST_F(BatchTest, ChecksNoRecordThatIsARepeat) {
  ASSERT_OK(batch_.Add(RecordOf("id", "content")));
  Record record = RecordOf("id", "content");
  record.recheck = [](const Standing&) {
    return base::Precondition("NOT_NOW", "not now");
  };
  const auto place = batch_.Add(record);
  ASSERT_OK(place);
  EXPECT_OK(place->status);
  EXPECT_TRUE(place->replayed);
}

TEST_F(BatchTest, ShowsACheckTheReleaseBeforeItInTheBatch) {
  ASSERT_OK(batch_.Add(ReleaseRecord("app", 5)));
  ASSERT_OK(batch_.Add(ReleaseRecord("other", 9)));
  Record record = ReleaseRecord("app", 4);
  std::uint32_t seen = 0;
  record.recheck = [&seen](const Standing& standing) {
    seen =
        standing.last_release ? standing.last_release->security_counter() : 0;
    return absl::OkStatus();
  };
  ASSERT_OK(batch_.Add(record));
  EXPECT_EQ(seen, 5u);
}

TEST_F(BatchTest, ShowsACheckWhatTheStoreAndTheBatchSayOfItsSubject) {
  Record first = RecordOf("", "first");
  first.subject = "subject";
  ASSERT_OK(batch_.Add(first));
  const Head head{batch_.tree().size(), batch_.tree().root()};
  ASSERT_OK(store_->Append(batch_.records(), batch_.nodes(), head));
  Batch next(*store_, releases_, batch_.tree());
  Record second = RecordOf("", "second");
  second.subject = "subject";
  ASSERT_OK(next.Add(second));
  ASSERT_OK(next.Add(RecordOf("", "unrelated")));
  Record third = RecordOf("", "third");
  third.subject = "subject";
  std::vector<std::uint64_t> seen;
  third.recheck = [&seen](const Standing& standing) {
    for (const StoredRecord& each : standing.about) seen.push_back(each.index);
    return absl::OkStatus();
  };
  ASSERT_OK(next.Add(third));
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 1}));
}

TEST_F(BatchTest, ForgetsTheReleasesOfALogThatGrewElsewhere) {
  Releases fresh;
  fresh["app"] = std::make_shared<const v1::SigningEvent>(ReleaseOf("app", 5));
  releases_.Grow(0, 1, fresh);
  ASSERT_OK(releases_.Find("app", 1));
  EXPECT_EQ((*releases_.Find("app", 1))->security_counter(), 5u);
  // The store, which has none, is asked again.
  EXPECT_EQ(*releases_.Find("app", 2), nullptr);
  // Neither are the older ones of a smaller log taken for those of a larger.
  EXPECT_EQ(*releases_.Find("app", 1), nullptr);
  releases_.Grow(7, 8, {});
  EXPECT_EQ(*releases_.Find("app", 8), nullptr);
}

}  // namespace
}  // namespace bootseal::audit
