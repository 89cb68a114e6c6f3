// What a real server shows of the PostgreSQL database that has its log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/server/scrape.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

constexpr char kOpen[] = "bootseal_postgres_sessions_open";
constexpr char kBusy[] = "bootseal_postgres_sessions_busy";
constexpr char kLost[] = "bootseal_postgres_sessions_lost_total";
constexpr char kConnected[] =
    R"(bootseal_postgres_connects_total{result="connected"})";
constexpr char kFailed[] =
    R"(bootseal_postgres_connects_total{result="failed"})";

class DatabaseFigures : public testing::Test {
 protected:
  void StartOnPostgres() {
    AddMetrics(server_);
    v1::Postgres& postgres =
        *server_.config().mutable_log()->mutable_postgres();
    postgres.set_connection(cluster_.NewDatabase());
    postgres.set_password_path(cluster_.password_path());
    server_.Start();
  }
  absl::Status SignOnce() {
    const std::string payload = TestPayload(5000);
    return Sign(server_.Channel("ci"), HeaderFor(payload), payload).status();
  }
  double Value(const std::string& series) {
    return ValueOf(Scrape(server_), series);
  }
  // Fifteen seconds at most.
  bool Exceeds(const std::string& series, double value) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (Value(series) <= value) {
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  }
  // Fifteen seconds at most: the server looks into its log now and then.
  bool AgreesWithTheDatabase() {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (absl::StrCat(Value(kOpen), "\n") != SessionsOfTheDatabase()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  }
  std::string SessionsOfTheDatabase() {
    return cluster_.Execute(
        cluster_.OpenConnection("postgres"),
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname <> 'postgres' AND backend_type = 'client backend'");
  }

  PostgresCluster cluster_;
  ServerFixture server_;
};

TEST_F(DatabaseFigures, ShowTheSessionsThatTheDatabaseHasToo) {
  StartOnPostgres();
  ASSERT_OK(SignOnce());
  EXPECT_TRUE(AgreesWithTheDatabase());
  const double open = Value(kOpen);
  EXPECT_GE(open, 1);
  EXPECT_GE(Value(kConnected), open);
  EXPECT_EQ(Value(kFailed), 0);
  EXPECT_EQ(Value(kLost), 0);
}

TEST_F(DatabaseFigures, CountSessionsThatWereLostAndOpenedAnew) {
  StartOnPostgres();
  ASSERT_OK(SignOnce());
  const double connected = Value(kConnected);
  cluster_.Crash();
  // It is asked about every second, and before a release.
  EXPECT_FALSE(SignOnce().ok());
  ASSERT_TRUE(Exceeds(kFailed, 0));
  EXPECT_GE(Value(kLost), 1);
  cluster_.Start();
  absl::Status back = SignOnce();
  for (int i = 0; i < 100 && !back.ok(); ++i) back = SignOnce();
  ASSERT_OK(back);
  EXPECT_GT(Value(kConnected), connected);
  EXPECT_TRUE(AgreesWithTheDatabase());
}

TEST_F(DatabaseFigures, ShowWhatWaitsForADatabaseThatHangs) {
  StartOnPostgres();
  ASSERT_OK(SignOnce());
  cluster_.Freeze();
  std::thread asking([this] { EXPECT_FALSE(SignOnce().ok()); });
  EXPECT_TRUE(Exceeds(kBusy, 0));
  // Until they are given up.
  EXPECT_TRUE(Exceeds(kLost, 0));
  cluster_.Thaw();
  asking.join();
  EXPECT_TRUE(Reaches(server_, kBusy, 0));
}

TEST_F(DatabaseFigures, AreNoneOfALogInAFile) {
  AddMetrics(server_);
  server_.Start();
  EXPECT_THAT(Scrape(server_),
              testing::Not(testing::HasSubstr("bootseal_postgres_")));
}

}  // namespace
}  // namespace bootseal::tests
