// bootseald --check-keys: what else a start would meet, told before it.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

constexpr char kWhen[] = "[0-9-]{10} [0-9:]{8} UTC";

class StartChecks : public testing::Test {
 protected:
  Outcome Check() {
    server_.WritePolicy();
    std::string text;
    google::protobuf::TextFormat::PrintToString(server_.config(), &text);
    const std::string path = server_.folder().File("server.textproto");
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return tests::Run(
        {ServerFixture::program(), "--check-keys", "--config", path},
        server_.token().environment());
  }
  // That line alone is not well: all others are told all the same.
  void ExpectFound(const std::string& line) {
    const Outcome outcome = Check();
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr(absl::StrCat("\n", line)));
    EXPECT_THAT(outcome.out, HasSubstr("\n2 of 2 keys of policy version 1"));
    EXPECT_THAT(outcome.out, HasSubstr("\nlog: "));
  }
  void Present(const CertificateRequest& request) {
    const Credential made = CertificateAuthority("other").Issue(request);
    EXPECT_OK(base::WriteFileAtomically(server_.certificate_path("server"),
                                        made.certificate_pem));
    EXPECT_OK(base::WriteFileAtomically(
        server_.key_path("server"), made.key_pem, base::FileMode::kPrivate));
  }
  std::string ExpiredCa() {
    const std::string folder = server_.folder().File("");
    const Outcome made = tests::Run(
        {"sh", "-ec",
         "cd \"$0\"; printf 'basicConstraints=critical,CA:TRUE' >ca.ext;"
         " openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
         " -keyout old.key -subj /CN=old -out old.csr;"
         " openssl x509 -req -in old.csr -signkey old.key -days -1"
         " -extfile ca.ext -out old-ca.pem",
         folder});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return base::ReadFile(server_.folder().File("old-ca.pem"), 1 << 20)
        .value_or("");
  }
  void UseDatabase(PostgresCluster& cluster, const std::string& connection) {
    v1::Postgres& postgres =
        *server_.config().mutable_log()->mutable_postgres();
    postgres.set_connection(connection);
    postgres.set_password_path(cluster.password_path());
  }

  ServerFixture server_;
};

TEST_F(StartChecks, TellOfEverythingThatIsWell) {
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(
      outcome.out,
      AllOf(ContainsRegex(absl::StrCat(
                "\ntls: certificate and key match, good until ", kWhen, "\n")),
            ContainsRegex(absl::StrCat("\ntrust domain [a-z.]+: CA good until ",
                                       kWhen, "\n")),
            HasSubstr("\nlog.checkpoint_key: is key log of the policy\n"),
            ContainsRegex("\nlog: .*log.sqlite is not there: a start begins a "
                          "new log\n")));
}

TEST_F(StartChecks, FindALogThatIsThere) {
  server_.Start();
  server_.Stop();
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, ContainsRegex("\nlog: .*log.sqlite is there\n"));
}

TEST_F(StartChecks, NameACertificateThatEnded) {
  Present(Expired({}));
  ExpectFound("tls: CERTIFICATE_EXPIRED: ");
}

TEST_F(StartChecks, NameACertificateThatHasNotBegun) {
  CertificateRequest request;
  request.not_before = absl::Now() + absl::Hours(2);
  Present(request);
  ExpectFound("tls: CERTIFICATE_NOT_YET_VALID: ");
}

TEST_F(StartChecks, NameAnIssuerInTheChainThatEnded) {
  const CertificateAuthority authority("other");
  const auto path = server_.certificate_path("server");
  const auto own = base::ReadFile(path, 1 << 20);
  ASSERT_OK(own);
  EXPECT_OK(base::WriteFileAtomically(
      path, absl::StrCat(*own, authority.Issue(Expired({})).certificate_pem)));
  ExpectFound("tls: CERTIFICATE_EXPIRED: ");
}

TEST_F(StartChecks, NameAKeyOfAnotherCertificate) {
  fs::copy_file(server_.key_path("ci"), server_.key_path("server"),
                fs::copy_options::overwrite_existing);
  ExpectFound("tls: TLS_KEY: ");
}

TEST_F(StartChecks, NameAKeyThatOthersMayRead) {
  fs::permissions(server_.key_path("server"), fs::perms::others_read,
                  fs::perm_options::add);
  ExpectFound("tls: FILE_MODE: ");
}

TEST_F(StartChecks, NameACertificateThatIsNotThere) {
  fs::remove(server_.certificate_path("server"));
  ExpectFound("tls: FILE_");
}

TEST_F(StartChecks, NameATrustDomainWhoseCaEnded) {
  v1::TrustDomain& domain = *server_.policy().add_trust_domains();
  domain.set_name("old.example");
  domain.set_ca_pem(ExpiredCa());
  ExpectFound("trust domain old.example: CERTIFICATE_EXPIRED: ");
}

TEST_F(StartChecks, NameACheckpointKeyThatIsNone) {
  server_.config().mutable_log()->set_checkpoint_key("app");
  ExpectFound("log.checkpoint_key: CONFIG_INVALID: ");
}

TEST_F(StartChecks, NameACanaryKeyThatIsNotInThePolicy) {
  server_.config().mutable_health()->set_canary_key("bird");
  ExpectFound("health.canary_key: CONFIG_INVALID: ");
}

TEST_F(StartChecks, NameAFolderForTheLogThatIsNotThere) {
  server_.config().mutable_log()->mutable_sqlite()->set_path(
      "missing/log.sqlite");
  ExpectFound("log: LOG_UNREACHABLE: ");
  EXPECT_FALSE(fs::exists(server_.folder().File("missing")));
}

TEST_F(StartChecks, AskADatabaseAndMakeNothingInIt) {
  PostgresCluster cluster;
  const std::string connection = cluster.NewDatabase();
  UseDatabase(cluster, connection);
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\nlog: the database answers, and keeps "
                                     "what it says it has stored\n"));
  EXPECT_EQ(cluster.Execute(connection,
                            "SELECT count(*) FROM pg_tables"
                            " WHERE schemaname = 'public'"),
            "0\n");
  cluster.Stop();
  ExpectFound("log: LOG_STORE: ");
}

TEST_F(StartChecks, NameADatabaseThatForgets) {
  PostgresCluster cluster({"fsync=off"});
  UseDatabase(cluster, cluster.NewDatabase());
  ExpectFound("log: LOG_NOT_DURABLE: ");
}

}  // namespace
}  // namespace bootseal::tests
