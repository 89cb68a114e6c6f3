// A database that is frozen, and standbys that are behind: no call waits for
// ever, and what was acknowledged is there after a fail-over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/audit/postgres/store.h"
#include "tests/server/audit/store_home.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

using tests::Entry;
using tests::HashOf;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

absl::Status AppendTo(Store& store, std::uint64_t index) {
  return store.Append({Entry(absl::StrCat(index))}, {},
                      {index + 1, HashOf(static_cast<char>(index + 1))});
}

auto IsOutage() { return tests::StatusIs(kUnavailable, "LOG_STORE"); }

class PostgresOutageTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> OpenAt(tests::PostgresCluster& cluster,
                                const std::string& connection) {
    auto store = OpenPostgresStore(tests::OptionsFor(cluster, connection));
    EXPECT_OK(store);
    return *std::move(store);
  }
  std::string Sql(const std::string& sql) {
    return cluster_.Execute(cluster_.OpenConnection("postgres"), sql);
  }
  // Bounded; false when it does not come.
  bool Await(const std::string& sql, const std::string& answer) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (Sql(sql) != answer) {
      if (absl::Now() > limit) return false;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return true;
  }

  tests::PostgresCluster cluster_;
  const std::string connection_ = cluster_.NewDatabase();
};

using FrozenTest = PostgresOutageTest;

TEST_F(FrozenTest, NoCallWaitsForEverAndAllIsWellAfterwards) {
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(AppendTo(*store, 0));
  ASSERT_EQ(*store->Get(0), "0");
  ASSERT_EQ(store->NewestHead()->size, 1u);
  cluster_.Freeze();
  const absl::Time begin = absl::Now();
  // More than there are connections.
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] { EXPECT_THAT(store->Get(0), IsOutage()); });
  }
  threads.emplace_back([&] { EXPECT_THAT(store->NewestHead(), IsOutage()); });
  threads.emplace_back([&] { EXPECT_THAT(AppendTo(*store, 1), IsOutage()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(25));
  cluster_.Thaw();
  EXPECT_EQ(*store->Get(0), "0");
  EXPECT_EQ(store->NewestHead()->size, 1u);
  EXPECT_OK(AppendTo(*store, 1));
}

TEST_F(FrozenTest, SaysThatAllConnectionsAreBusy) {
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(AppendTo(*store, 0));
  ASSERT_EQ(*store->Get(0), "0");
  cluster_.Freeze();
  std::vector<std::thread> threads;
  std::atomic<int> busy = 0;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      const auto entry = store->Get(0);
      busy += absl::StrContains(entry.status().message(), "have been busy");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(busy, 0);
}

TEST_F(FrozenTest, AServerThatEndsHurries) {
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(AppendTo(*store, 0));
  ASSERT_EQ(*store->Get(0), "0");
  cluster_.Freeze();
  const absl::Time begin = absl::Now();
  std::thread reading([&] { EXPECT_THAT(store->Get(0), IsOutage()); });
  std::thread writing([&] { EXPECT_THAT(AppendTo(*store, 1), IsOutage()); });
  absl::SleepFor(absl::Milliseconds(500));
  store->Hurry();
  reading.join();
  writing.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(6));
}

TEST_F(FrozenTest, ATurnThatFreezesEndsAndLeavesNothing) {
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(store->TakeTurn());
  cluster_.Freeze();
  const absl::Time begin = absl::Now();
  EXPECT_THAT(AppendTo(*store, 0), IsOutage());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
  cluster_.Thaw();
  EXPECT_EQ(store->NewestHead()->size, 0u);
  EXPECT_OK(AppendTo(*store, 0));
}

// A primary with a real standby that every commit waits for.
class StandbyTest : public PostgresOutageTest {
 protected:
  StandbyTest() {
    Sql("ALTER SYSTEM SET synchronous_standby_names = 'second'");
    Sql("SELECT pg_reload_conf()");
    EXPECT_TRUE(
        Await("SELECT count(*) FROM pg_stat_replication WHERE"
              " sync_state = 'sync'",
              "1\n"));
  }
  // Ends the session that waits for the standby, once it does: with
  // pg_cancel_backend or pg_terminate_backend.
  void EndWait(const std::string& how) {
    const std::string from =
        " FROM pg_stat_activity WHERE wait_event='SyncRep'";
    EXPECT_TRUE(Await("SELECT count(*)" + from, "1\n"));
    Sql("SELECT " + how + "(pid)" + from);
  }
  // The standby's own state, as if the primary had burnt down.
  std::uint64_t SizeAfterFailOver() {
    standby_.Thaw();
    cluster_.Crash();
    standby_.Promote();
    const auto store = OpenAt(standby_, standby_.Connection("log1"));
    return store->NewestHead()->size;
  }

  tests::PostgresCluster standby_{cluster_, "second"};
};

TEST_F(StandbyTest, HoldsWhatWasAcknowledged) {
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(AppendTo(*store, 0));
  ASSERT_OK(AppendTo(*store, 1));
  EXPECT_EQ(SizeAfterFailOver(), 2u);
}

class CutOffWait : public StandbyTest,
                   public ::testing::WithParamInterface<const char*> {};

TEST_P(CutOffWait, IsNoAcknowledgement) {
  const auto second = OpenAt(cluster_, connection_);
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(AppendTo(*store, 0));
  standby_.Freeze();
  std::thread other([this] { EndWait(GetParam()); });
  const absl::Status status = AppendTo(*store, 1);
  other.join();
  EXPECT_THAT(status, IsOutage());
  EXPECT_THAT(status, tests::MessageHas("not known yet"));
  // Seen, and no more than that.
  const auto head = store->NewestHead();
  ASSERT_OK(head);
  EXPECT_EQ(head->size, 2u);
  EXPECT_THAT(store->MakeDurable(*head), IsOutage());
  EXPECT_THAT(second->MakeDurable(*head), IsOutage());
  standby_.Thaw();
  EXPECT_OK(second->MakeDurable(*head));
  EXPECT_EQ(SizeAfterFailOver(), 2u);
}

TEST_P(CutOffWait, IsFoundOutAndCountsOnceTheStandbyHasIt) {
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(AppendTo(*store, 0));
  standby_.Freeze();
  std::thread other([this] {
    EndWait(GetParam());
    absl::SleepFor(absl::Seconds(1));
    standby_.Thaw();
  });
  EXPECT_OK(AppendTo(*store, 1));
  other.join();
  EXPECT_OK(AppendTo(*store, 2));
  EXPECT_EQ(SizeAfterFailOver(), 3u);
}

INSTANTIATE_TEST_SUITE_P(Postgres, CutOffWait,
                         ::testing::Values("pg_cancel_backend",
                                           "pg_terminate_backend"));

TEST_F(StandbyTest, ThatIsGoneMakesAppendsUnavailable) {
  const auto store = OpenAt(cluster_, connection_);
  ASSERT_OK(AppendTo(*store, 0));
  EXPECT_OK(store->CheckWrites());
  standby_.Freeze();
  const absl::Time begin = absl::Now();
  EXPECT_THAT(AppendTo(*store, 1), IsOutage());
  EXPECT_THAT(store->CheckWrites(), IsOutage());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(40));
  EXPECT_EQ(*store->Get(0), "0");
  standby_.Thaw();
  EXPECT_OK(store->CheckWrites());
}

}  // namespace
}  // namespace bootseal::audit
