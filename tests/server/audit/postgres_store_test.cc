// What only a store that is shared over a network has to promise.
#include "server/audit/postgres/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/server/audit/store_home.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::audit {
namespace {

using tests::Entry;
using tests::HashOf;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class PostgresStoreTest : public ::testing::Test {
 protected:
  static tests::PostgresCluster& cluster() { return tests::Cluster(); }
  PostgresOptions options() const {
    return tests::OptionsFor(cluster(), connection_);
  }
  std::unique_ptr<Store> Open() {
    auto store = OpenPostgresStore(options());
    EXPECT_OK(store);
    return *std::move(store);
  }
  std::string Sql(const std::string& sql) {
    return cluster().Execute(connection_, sql);
  }

  const std::string connection_ = cluster().NewDatabase();
};

TEST_F(PostgresStoreTest, GivesOneServerTheTurnAtATime) {
  const auto one = Open();
  const auto two = Open();
  ASSERT_OK(one->TakeTurn());
  std::atomic<bool> taken = false;
  std::thread other([&] {
    const auto head = two->TakeTurn();
    taken = true;
    ASSERT_OK(head);
    EXPECT_EQ(head->size, 1u);
    EXPECT_OK(two->Append({Entry("1")}, {}, {2, HashOf(2)}));
  });
  absl::SleepFor(absl::Milliseconds(200));
  EXPECT_FALSE(taken);
  ASSERT_OK(one->Append({Entry("0")}, {}, {1, HashOf(1)}));
  other.join();
  EXPECT_EQ(*one->Get(1), "1");
}

TEST_F(PostgresStoreTest, ReadsInItsTurnWhatWasAppendedBeforeIt) {
  const auto one = Open();
  const auto two = Open();
  for (std::uint64_t i = 0; i < 100; ++i) {
    Store& store = i % 2 == 0 ? *one : *two;
    ASSERT_EQ(store.TakeTurn()->size, i);
    if (i > 0) {
      EXPECT_EQ(*store.Get(i - 1), absl::StrCat(i - 1));
    }
    ASSERT_OK(store.Append({Entry(absl::StrCat(i))}, {},
                           {i + 1, HashOf(static_cast<char>(i))}));
  }
}

// The lock is an agreement; the keys hold without it.
TEST_F(PostgresStoreTest, NeverForksForAServerThatIgnoresTurns) {
  const auto store = Open();
  ASSERT_OK(store->TakeTurn());
  Sql("INSERT INTO heads VALUES (1, '\\x01')");
  EXPECT_THAT(
      store->Append({Entry("0")}, {}, {1, HashOf(1)}),
      tests::StatusIs(absl::StatusCode::kAlreadyExists, "LOG_CONFLICT"));
  EXPECT_EQ(Sql("SELECT count(*) FROM entries"), "0\n");
}

// As after a fail-over to a database that never had it, with standbys of its
// own and without: every head that was read is looked for again.
class LostHeadTest : public PostgresStoreTest,
                     public ::testing::WithParamInterface<const char*> {
 protected:
  LostHeadTest() {
    for (int i = 0; i < 2; ++i) {
      EXPECT_OK(store_->Append({Entry(absl::StrCat(i))}, {}, HeadOf(i + 1)));
    }
    SetStandbys(GetParam());
  }
  ~LostHeadTest() override { SetStandbys(""); }
  static Head HeadOf(int size) {
    return {static_cast<std::uint64_t>(size), HashOf(static_cast<char>(size))};
  }
  void SetStandbys(const std::string& names) {
    Sql(absl::StrCat("ALTER SYSTEM SET synchronous_standby_names = '", names,
                     "'"));
    Sql("SELECT pg_reload_conf()");
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (Sql("SHOW synchronous_standby_names") != names + "\n") {
      ASSERT_LT(absl::Now(), limit);
    }
  }
  void ExpectRefused(const Head& head) {
    for (Store* store : {store_.get(), other_.get()}) {
      const absl::Status status = store->MakeDurable(head);
      EXPECT_THAT(status, tests::StatusIs(kUnavailable, "LOG_STORE"));
      EXPECT_THAT(status, tests::MessageHas("not there"));
    }
  }

  const std::unique_ptr<Store> store_ = Open();
  const std::unique_ptr<Store> other_ = Open();
};

TEST_P(LostHeadTest, IsNotDurable) {
  ExpectRefused(HeadOf(3));
  ExpectRefused({2, HashOf(7)});
  // Smaller than what this server knows to last, and of another history.
  ExpectRefused({1, HashOf(7)});
}

TEST_P(LostHeadTest, IsNotDurableWhereItWasReadBefore) {
  ASSERT_EQ(other_->NewestHead()->size, 2u);
  Sql("SET synchronous_commit = local; DELETE FROM heads WHERE size = 2");
  const absl::Status status = other_->MakeDurable(HeadOf(2));
  EXPECT_THAT(status, tests::StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_THAT(status, tests::MessageHas("not there"));
}

INSTANTIATE_TEST_SUITE_P(Postgres, LostHeadTest,
                         ::testing::Values("", "nobody"),
                         [](const auto& names) {
                           return std::string(names.param).empty()
                                      ? "WithoutStandbys"
                                      : "WithAStandby";
                         });

TEST_F(PostgresStoreTest, MakesHeadsOfOtherServersDurable) {
  const auto store = Open();
  ASSERT_OK(store->Append({Entry("0")}, {}, {1, HashOf(1)}));
  const auto other = Open();
  EXPECT_OK(other->MakeDurable({0, image::transparency::EmptyRoot()}));
  EXPECT_OK(other->MakeDurable(*other->NewestHead()));
}

TEST_F(PostgresStoreTest, LeavesNoGap) {
  const auto store = Open();
  EXPECT_THAT(
      store->Append({Entry("5")}, {}, {6, HashOf(1)}),
      tests::StatusIs(absl::StatusCode::kAlreadyExists, "LOG_CONFLICT"));
  EXPECT_EQ(store->NewestHead()->size, 0u);
}

TEST_F(PostgresStoreTest, LosesATurnInWhichItHangsWithoutHarm) {
  const auto one = Open();
  const auto two = Open();
  ASSERT_OK(one->TakeTurn());
  Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE state = 'idle in transaction' AND datname = current_database()");
  ASSERT_OK(two->Append({Entry("0")}, {}, {1, HashOf(1)}));
  EXPECT_THAT(one->Append({Entry("other")}, {}, {1, HashOf(7)}),
              tests::StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_EQ(*one->Get(0), "0");
  ASSERT_EQ(one->TakeTurn()->size, 1u);
  EXPECT_OK(one->Append({Entry("1")}, {}, {2, HashOf(2)}));
}

TEST_F(PostgresStoreTest, GivesAServerThatHangsInItsTurnTenSeconds) {
  EXPECT_EQ(Sql("SHOW idle_in_transaction_session_timeout"), "0\n");
  const auto one = Open();
  const auto two = Open();
  ASSERT_OK(one->TakeTurn());
  const absl::Time start = absl::Now();
  // Its own patience may end a moment before.
  absl::StatusOr<Head> head = two->TakeTurn();
  if (!head.ok()) head = two->TakeTurn();
  ASSERT_OK(head);
  EXPECT_GT(absl::Now() - start, absl::Seconds(8));
  EXPECT_OK(two->Append({Entry("0")}, {}, {1, HashOf(1)}));
  EXPECT_FALSE(one->Append({Entry("x")}, {}, {1, HashOf(7)}).ok());
}

TEST_F(PostgresStoreTest, ConnectsAnewAfterARestart) {
  const auto store = Open();
  ASSERT_OK(store->Append({Entry("0")}, {}, {1, HashOf(1)}));
  cluster().Stop();
  EXPECT_THAT(store->Get(0), tests::StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_THAT(store->TakeTurn(), tests::StatusIs(kUnavailable, "LOG_STORE"));
  cluster().Start();
  EXPECT_EQ(*store->Get(0), "0");
  EXPECT_OK(store->Append({Entry("1")}, {}, {2, HashOf(2)}));
}

// As a trigger sees it that runs within COMMIT.
TEST_F(PostgresStoreTest, CommitsSynchronouslyAndWithoutATimeOut) {
  Sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit"
      " = off', current_database()); END $$");
  const auto store = Open();
  Sql("CREATE TABLE seen (setting text);"
      "CREATE FUNCTION look() RETURNS trigger AS $$ BEGIN INSERT INTO seen"
      " VALUES (current_setting('synchronous_commit') || ' ' ||"
      " current_setting('statement_timeout')); RETURN NEW; END $$"
      " LANGUAGE plpgsql;"
      "CREATE CONSTRAINT TRIGGER look AFTER INSERT ON heads DEFERRABLE"
      " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION look()");
  ASSERT_OK(store->Append({Entry("0")}, {}, {1, HashOf(1)}));
  EXPECT_EQ(Sql("SELECT setting FROM seen"), "on 0\n");
  EXPECT_EQ(Sql("SHOW synchronous_commit"), "off\n");
}

// COMMIT is cut off at two places: before it was decided, and after.
class CutOffCommitTest : public PostgresStoreTest {
 protected:
  // Ends the session that waits for `event`, once it does.
  void CutOffAt(const std::string& event) {
    const std::string find = absl::StrCat(
        " FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event = '",
        event, "'");
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (Sql("SELECT count(*)" + find) != "1\n") {
      ASSERT_LT(absl::Now(), limit);
    }
    Sql("SELECT pg_terminate_backend(pid)" + find);
  }
};

TEST_F(CutOffCommitTest, ThatDidNotHappenIsUnavailable) {
  const auto store = Open();
  Sql("CREATE FUNCTION wait() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(60);"
      " RETURN NEW; END $$ LANGUAGE plpgsql;"
      "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON heads DEFERRABLE"
      " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()");
  std::thread other([this] { CutOffAt("PgSleep"); });
  EXPECT_THAT(store->Append({Entry("0")}, {}, {1, HashOf(1)}),
              tests::StatusIs(kUnavailable, "LOG_STORE"));
  other.join();
  EXPECT_EQ(store->NewestHead()->size, 0u);
}

// What it is seen on is one machine (postgres_outage_test.cc: with a standby).
TEST_F(CutOffCommitTest, ThatIsSeenCountsOnceSomethingBehindItIsAcknowledged) {
  const auto store = Open();
  Sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  Sql("SELECT pg_reload_conf()");
  std::thread other([this] {
    CutOffAt("SyncRep");
    absl::SleepFor(absl::Seconds(1));
    Sql("ALTER SYSTEM RESET synchronous_standby_names");
    Sql("SELECT pg_reload_conf()");
  });
  const absl::Time begin = absl::Now();
  EXPECT_OK(store->Append({Entry("0")}, {}, {1, HashOf(1)}));
  EXPECT_GT(absl::Now() - begin, absl::Seconds(1));
  other.join();
  EXPECT_EQ(*store->Get(0), "0");
  EXPECT_OK(store->Append({Entry("1")}, {}, {2, HashOf(2)}));
}

TEST_F(PostgresStoreTest, MakesItsTablesOnceForServersThatStartAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] { EXPECT_OK(OpenPostgresStore(options())); });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(PostgresStoreTest, RefusesTheDatabaseOfAnotherProgram) {
  Sql("CREATE TABLE entries (a integer)");
  EXPECT_THAT(OpenPostgresStore(options()),
              tests::StatusIs(kPrecondition, "DATABASE_NOT_A_LOG"));
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
            "1\n");
}

TEST_F(PostgresStoreTest, RefusesALogOfAnotherVersion) {
  Open();
  Sql("UPDATE log_schema SET version = 7");
  EXPECT_THAT(OpenPostgresStore(options()),
              tests::StatusIs(kPrecondition, "LOG_SCHEMA"));
}

TEST_F(PostgresStoreTest, NeedsNoRightsButToReadAndToInsert) {
  Open();
  Sql(absl::StrCat(
      "CREATE ROLE appender", getpid(), " LOGIN PASSWORD 'it''s a \\ test';",
      "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO appender",
      getpid()));
  PostgresOptions lesser = options();
  absl::StrAppend(&lesser.connection, " user=appender", getpid());
  auto store = OpenPostgresStore(lesser);
  ASSERT_OK(store);
  EXPECT_OK((*store)->Append({Entry("0")}, {}, {1, HashOf(1)}));
  Sql(absl::StrCat("REVOKE INSERT ON heads FROM appender", getpid()));
  EXPECT_THAT((*store)->Append({Entry("1")}, {}, {2, HashOf(2)}),
              tests::StatusIs(kPrecondition, "LOG_RIGHTS"));
}

TEST_F(PostgresStoreTest, RefusesAPasswordThatOthersMayRead) {
  const tests::TemporaryFolder folder;
  PostgresOptions wrong = options();
  wrong.password_path = folder.File("password");
  EXPECT_THAT(OpenPostgresStore(wrong),
              tests::StatusIs(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"));
  std::ofstream(wrong.password_path) << "it's a \\ test\n";
  std::filesystem::permissions(wrong.password_path,
                               std::filesystem::perms(0644));
  EXPECT_THAT(OpenPostgresStore(wrong),
              tests::StatusIs(kPrecondition, "FILE_MODE"));
  std::filesystem::permissions(wrong.password_path,
                               std::filesystem::perms(0600));
  EXPECT_OK(OpenPostgresStore(wrong));
  std::ofstream(wrong.password_path) << "\n";
  EXPECT_THAT(OpenPostgresStore(wrong),
              tests::StatusIs(kPrecondition, "PASSWORD_EMPTY"));
}

TEST_F(PostgresStoreTest, SaysThatItsPasswordIsWrongAndNotWhichItWas) {
  const tests::TemporaryFolder folder;
  PostgresOptions wrong = options();
  wrong.password_path = folder.File("password");
  std::ofstream(wrong.password_path) << "hunter2\n";
  std::filesystem::permissions(wrong.password_path,
                               std::filesystem::perms(0600));
  const auto store = OpenPostgresStore(wrong);
  EXPECT_THAT(store, tests::StatusIs(kUnavailable, "LOG_STORE"));
  EXPECT_THAT(store, tests::MessageHas("password authentication failed"));
  EXPECT_EQ(store.status().message().find("hunter2"), std::string::npos);
}

// Set for as long as the object is there.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Environment() { unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* const name_;
};

TEST_F(PostgresStoreTest, GoesWhereItsFileSaysWhateverTheEnvironmentSays) {
  const Environment host("PGHOST", "192.0.2.1");
  const Environment hostaddr("PGHOSTADDR", "192.0.2.1");
  EXPECT_OK(OpenPostgresStore(options()));
}

TEST_F(PostgresStoreTest, GoesWhereItsFileSaysWhateverAServiceSays) {
  const tests::TemporaryFolder folder;
  std::ofstream(folder.File("services"))
      << "[elsewhere]\nhost=elsewhere.example\nhostaddr=192.0.2.1\n";
  const Environment file("PGSERVICEFILE", folder.File("services"));
  const Environment service("PGSERVICE", "elsewhere");
  EXPECT_OK(OpenPostgresStore(options()));
}

TEST(PostgresConnection, LeavesNoPlaceToTheEnvironment) {
  for (const char* connection :
       {"dbname=log", "host='' hostaddr=''", "hostaddr=''"}) {
    const auto keywords = ParseConnection(connection);
    ASSERT_OK(keywords);
    EXPECT_EQ(keywords->at("host"), "/var/run/postgresql") << connection;
    EXPECT_EQ(keywords->at("hostaddr"), "") << connection;
  }
  const auto text = ConnectionText({"hostaddr=127.0.0.1", ""});
  ASSERT_OK(text);
  EXPECT_THAT(*text, ::testing::HasSubstr("host='' hostaddr='127.0.0.1'"));
}

}  // namespace
}  // namespace bootseal::audit
