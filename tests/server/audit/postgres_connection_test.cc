// Which databases the PostgreSQL store goes to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/audit/postgres/store.h"
#include "tests/server/audit/store_home.h"
#include "tests/support/status_matchers.h"

namespace bootseal::audit {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

TEST(PostgresConnection, RefusesWhatLibpqDoesNotKnowAndWhatIsNotSafe) {
  for (const char* connection : {"nonsense",
                                 "hots=db",
                                 "host=db dbname=log",
                                 "host=db,/run dbname=log",
                                 "hostaddr=192.0.2.1 host=localhost",
                                 "postgresql://u@db/log",
                                 "host=/run password=secret",
                                 "postgresql://u:secret@localhost/log",
                                 "host=db 'sslmode",
                                 "host=db dbname=log sslmode=require",
                                 "host=db sslmode=verify-ca sslrootcert=ca.pem",
                                 "host=db sslmode=prefer",
                                 "host=localhost.example sslmode=disable",
                                 "hostaddr=192.0.2.1 sslmode=require",
                                 "host=127.evil.example",
                                 "host=127.0.0.1.example",
                                 "host=::1.example",
                                 "host=127.0.0.1,db",
                                 "hostaddr='' host=db",
                                 "hostaddr=',' host=db,localhost",
                                 "hostaddr=127.0.0.1, host=localhost,db",
                                 "hostaddr=127.0.0.1,192.0.2.1",
                                 "hostaddr=127.0.0.1 host=/run,/run",
                                 "host=/run connect_timeout=0",
                                 "host=/run connect_timeout=-1",
                                 "host=/run connect_timeout=soon"}) {
    const auto keywords = ParseConnection(connection);
    EXPECT_THAT(keywords, tests::StatusIs(kInvalid, "CONNECTION_INVALID"))
        << connection;
    EXPECT_EQ(keywords.status().message().find("secret"), std::string::npos);
  }
}

TEST(PostgresConnection, TakesAHostWithoutProofOnlyWhenToldTo) {
  for (const char* connection :
       {"host=db dbname=log", "host=db sslmode=require",
        "postgresql://u@db/log?sslmode=verify-ca"}) {
    const auto refused = ParseConnection(connection);
    EXPECT_THAT(refused, tests::StatusIs(kInvalid, "CONNECTION_INVALID"));
    EXPECT_THAT(refused, tests::MessageHas("sslmode=verify-full"));
    EXPECT_OK(ParseConnection(connection, HostProof::kAsConfigured));
  }
  EXPECT_FALSE(
      ParseConnection("host=db password=x", HostProof::kAsConfigured).ok());
}

TEST(PostgresConnection, TakesKeywordsAndUris) {
  for (const char* connection :
       {"dbname=log", "host=/run/postgresql user=u", "host=localhost port=5433",
        "hostaddr='' host=/run", "hostaddr=127.9.9.9 host=db",
        "hostaddr=127.0.0.1,::1", "hostaddr=127.0.0.1, host=db,localhost",
        "host='' hostaddr=''", "host=127.0.0.1,::1",
        "host=db sslmode=verify-full sslrootcert=ca.pem",
        "postgresql://u@db:5433/log?sslmode=verify-full"}) {
    EXPECT_OK(ParseConnection(connection)) << connection;
  }
  const auto text = ConnectionText({"postgresql://u@localhost/log", ""});
  ASSERT_OK(text);
  EXPECT_THAT(*text, ::testing::HasSubstr("target_session_attrs='read-write'"));
}

TEST(PostgresDurability, RefusesADatabaseThatDoesNotSync) {
  for (const char* setting : {"fsync", "full_page_writes"}) {
    tests::PostgresCluster cluster({absl::StrCat(setting, "=off")});
    const auto store =
        OpenPostgresStore(tests::OptionsFor(cluster, cluster.NewDatabase()));
    EXPECT_THAT(store, tests::StatusIs(kPrecondition, "LOG_NOT_DURABLE"));
    EXPECT_THAT(store, tests::MessageHas(setting));
  }
}

}  // namespace
}  // namespace bootseal::audit
