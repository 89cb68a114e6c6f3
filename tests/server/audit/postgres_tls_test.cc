// A database across a network: it must prove who it is, and nothing else is
// spoken to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/audit/postgres/store.h"
#include "tests/server/audit/store_home.h"
#include "tests/support/free_port.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::audit {
namespace {

class PostgresTlsTest : public ::testing::Test {
 protected:
  PostgresTlsTest() {
    MakeCa("ca");
    MakeCa("other-ca");
    OpenSsl(absl::StrCat("req -new -newkey rsa:2048 -nodes -keyout ",
                         File("server.key"), " -out ", File("server.csr"),
                         " -subj /CN=db.example"));
    tests::Run({"sh", "-c", "echo subjectAltName=DNS:db.example >\"$1\"", "-",
                File("san")});
    OpenSsl(absl::StrCat("x509 -req -days 2 -in ", File("server.csr"), " -CA ",
                         File("ca.pem"), " -CAkey ", File("ca.key"),
                         " -CAcreateserial -extfile ", File("san"), " -out ",
                         File("server.pem")));
  }
  std::string File(const std::string& name) const { return folder_.File(name); }
  void MakeCa(const std::string& name) {
    OpenSsl(absl::StrCat("req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ",
                         File(name + ".key"), " -out ", File(name + ".pem"),
                         " -subj /CN=", name));
  }
  void OpenSsl(const std::string& arguments) {
    const tests::Outcome done =
        tests::Run({"sh", "-c", "exec openssl " + arguments});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  // By address, as no name server knows db.example.
  absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& host,
                                              const std::string& ca) {
    PostgresOptions options = tests::OptionsFor(
        cluster_,
        absl::StrCat("host=", host, " hostaddr=127.0.0.1 port=", port_.number(),
                     " user=bootseal dbname=log1 sslmode=verify-full ",
                     "sslrootcert=", File(ca)));
    return OpenPostgresStore(options);
  }

  const tests::TemporaryFolder folder_;
  const tests::FreePort port_;
  tests::PostgresCluster cluster_{
      {absl::StrCat("port=", port_.number()), "listen_addresses=127.0.0.1"}};
  const std::string connection_ = cluster_.NewDatabase();
};

TEST_F(PostgresTlsTest, TalksToTheDatabaseThatProvesItsName) {
  cluster_.UseTls(File("server.pem"), File("server.key"));
  const auto store = Open("db.example", "ca.pem");
  ASSERT_OK(store);
  Record record;
  record.entry = "0";
  EXPECT_OK((*store)->Append({record}, {}, {1, TreeHash{}}));
  EXPECT_EQ(*(*store)->Get(0), "0");
  EXPECT_EQ(cluster_.Execute(
                cluster_.OpenConnection("log1"),
                "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity"
                " USING (pid) WHERE application_name = 'bootseald'"),
            "t\n");
}

TEST_F(PostgresTlsTest, EndsAWaitForOneThatIsFrozenOverTls) {
  cluster_.UseTls(File("server.pem"), File("server.key"));
  const auto store = Open("db.example", "ca.pem");
  ASSERT_OK(store);
  ASSERT_OK((*store)->NewestHead());
  cluster_.Freeze();
  EXPECT_THAT((*store)->NewestHead(),
              tests::StatusIs(absl::StatusCode::kUnavailable, "LOG_STORE"));
  cluster_.Thaw();
  EXPECT_OK((*store)->NewestHead());
}

TEST_F(PostgresTlsTest, RefusesWhatAnotherCaCertified) {
  cluster_.UseTls(File("server.pem"), File("server.key"));
  const auto store = Open("db.example", "other-ca.pem");
  EXPECT_THAT(store,
              tests::StatusIs(absl::StatusCode::kUnavailable, "LOG_STORE"));
  EXPECT_THAT(store, tests::MessageHas("certificate verify failed"));
}

TEST_F(PostgresTlsTest, RefusesAnotherName) {
  cluster_.UseTls(File("server.pem"), File("server.key"));
  const auto store = Open("log.example", "ca.pem");
  EXPECT_THAT(store,
              tests::StatusIs(absl::StatusCode::kUnavailable, "LOG_STORE"));
  EXPECT_THAT(store, tests::MessageHas("does not match host name"));
}

TEST_F(PostgresTlsTest, RefusesADatabaseWithoutTls) {
  const auto store = Open("db.example", "ca.pem");
  EXPECT_THAT(store, tests::MessageHas("does not support SSL"));
}

}  // namespace
}  // namespace bootseal::audit
