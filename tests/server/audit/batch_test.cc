#include "server/audit/batch.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace bootseal::audit
