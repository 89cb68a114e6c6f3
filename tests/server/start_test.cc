// What a start meets that is not there, or does not answer: it says so and
// ends, or can be ended.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/support/busy_token.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kCannotStart = 1;
constexpr int kLocalFile = 5;

// A database's port where nobody answers: the connection is made, and no more.
class SilentPort {
 public:
  SilentPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    auto* const address = reinterpret_cast<sockaddr*>(&address_);
    if (bind(socket_, address, size) != 0 || listen(socket_, 8) != 0 ||
        getsockname(socket_, address, &size) != 0) {
      std::abort();
    }
  }
  ~SilentPort() { close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  int port() const { return ntohs(address_.sin_port); }
  // Somebody has connected; false after ten seconds.
  bool IsAsked() const {
    pollfd asked{socket_, POLLIN, 0};
    return poll(&asked, 1, 10'000) == 1;
  }

 private:
  const int socket_;
  sockaddr_in address_{};
};

// The server beside the test, whether it comes to listen or not.
class StartTest : public testing::Test {
 protected:
  void Begin() {
    server_.WritePolicy();
    std::string text;
    google::protobuf::TextFormat::PrintToString(server_.config(), &text);
    ASSERT_OK(base::WriteFileAtomically(config_path(), text));
    Launch();
  }
  void Launch() {
    process_.emplace(std::vector<std::string>{ServerFixture::program(),
                                              "--config", config_path()},
                     server_.token().environment(),
                     server_.folder().File("server.log"));
  }
  std::string config_path() const {
    return server_.folder().File("server.textproto");
  }
  // A pipe that nobody writes into.
  std::string Pipe() const {
    const std::string path = server_.folder().File("pipe");
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  void ExpectPipeRefused(const char* name) {
    EXPECT_EQ(process_->Wait(seconds(10)), kLocalFile);
    EXPECT_THAT(server_.ServerLog(),
                AllOf(HasSubstr("reason=FILE_UNREADABLE"), HasSubstr(name),
                      HasSubstr("it is a pipe, expected a regular file")));
  }
  // Well before whatever it waits for would have given up.
  void ExpectEndedBy(int number) {
    process_->Signal(number);
    EXPECT_EQ(process_->Wait(seconds(5)), 0);
    EXPECT_THAT(
        server_.ServerLog(),
        AllOf(HasSubstr(" stopped message=\"told to end while"),
              Not(HasSubstr("cannot-start")), Not(HasSubstr(" listening "))));
  }

  ServerFixture server_;
  std::optional<Background> process_;
};

TEST_F(StartTest, ThatWaitsForItsTokenIsEndedBySigterm) {
  const BusyToken busy(server_.token().objects_path());
  Begin();
  ASSERT_TRUE(server_.WaitForLog(" starting "));
  ExpectEndedBy(SIGTERM);
}

TEST_F(StartTest, ThatWaitsForItsTokenIsEndedBySigint) {
  const BusyToken busy(server_.token().objects_path());
  Begin();
  ASSERT_TRUE(server_.WaitForLog(" starting "));
  ExpectEndedBy(SIGINT);
}

TEST_F(StartTest, ThatWaitsForItsDatabaseIsEndedBySigterm) {
  const SilentPort database;
  server_.config().mutable_log()->mutable_postgres()->set_connection(
      absl::StrCat("host=127.0.0.1 connect_timeout=30 port=", database.port()));
  Begin();
  ASSERT_TRUE(database.IsAsked());
  ExpectEndedBy(SIGTERM);
}

TEST_F(StartTest, ThatWaitedIsNotEndedBySighup) {
  std::optional<BusyToken> busy(std::in_place, server_.token().objects_path());
  Begin();
  ASSERT_TRUE(server_.WaitForLog(" starting "));
  process_->Signal(SIGHUP);
  busy.reset();
  EXPECT_TRUE(server_.WaitForLog("policy-unchanged version=1"));
}

// What an ended start has left behind stops no later one.
TEST_F(StartTest, ThatWasEndedIsFollowedByOneThatServes) {
  {
    const BusyToken busy(server_.token().objects_path());
    Begin();
    ASSERT_TRUE(server_.WaitForLog(" starting "));
    ExpectEndedBy(SIGTERM);
  }
  std::filesystem::remove(server_.folder().File("server.log"));
  server_.Start();
}

TEST_F(StartTest, RefusesAPipeInsteadOfThePin) {
  server_.config().mutable_hsm()->mutable_pkcs11()->set_pin_path(Pipe());
  Begin();
  ExpectPipeRefused("/pipe");
}

TEST_F(StartTest, RefusesAPipeInsteadOfTheTlsKey) {
  server_.config().mutable_tls()->set_key_path(Pipe());
  Begin();
  ExpectPipeRefused("/pipe");
}

TEST_F(StartTest, RefusesAPipeInsteadOfTheCertificate) {
  server_.config().mutable_tls()->set_certificate_path(Pipe());
  Begin();
  ExpectPipeRefused("/pipe");
}

TEST_F(StartTest, RefusesAPipeInsteadOfThePolicy) {
  server_.config().set_policy_path(Pipe());
  Begin();
  ExpectPipeRefused("/pipe");
}

TEST_F(StartTest, RefusesAPipeInsteadOfTheConfiguration) {
  ASSERT_EQ(mkfifo(config_path().c_str(), 0600), 0);
  Launch();
  ExpectPipeRefused("/server.textproto");
}

TEST_F(StartTest, RefusesAPipeInsteadOfTheDatabasesPassword) {
  v1::Postgres& postgres = *server_.config().mutable_log()->mutable_postgres();
  postgres.set_connection("host=127.0.0.1 port=1");
  postgres.set_password_path(Pipe());
  Begin();
  ExpectPipeRefused("/pipe");
}

TEST_F(StartTest, RefusesAFolderInsteadOfThePin) {
  server_.config().mutable_hsm()->mutable_pkcs11()->set_pin_path(
      server_.folder().path());
  Begin();
  EXPECT_EQ(process_->Wait(seconds(10)), kLocalFile);
  EXPECT_THAT(server_.ServerLog(),
              HasSubstr("it is a folder, expected a regular file"));
}

// One of another machine, whoever that is (RFC 5737).
TEST_F(StartTest, NamesAnAddressOfItsMetricsThatIsNotHere) {
  server_.config().mutable_metrics()->set_listen("192.0.2.1:9464");
  Begin();
  EXPECT_EQ(process_->Wait(seconds(10)), kCannotStart);
  EXPECT_THAT(server_.ServerLog(),
              HasSubstr("cannot listen on 192.0.2.1:9464 (metrics.listen): "
                        "Cannot assign requested address; expected an address "
                        "of this machine, for example 127.0.0.1"));
}

TEST_F(StartTest, NamesAHostOfItsMetricsThatIsNone) {
  server_.config().mutable_metrics()->set_listen("no such host:9464");
  Begin();
  EXPECT_EQ(process_->Wait(seconds(10)), kCannotStart);
  EXPECT_THAT(server_.ServerLog(),
              HasSubstr("cannot listen on no such host:9464 (metrics.listen): "
                        "Name or service not known; expected an address"));
}

TEST_F(StartTest, NamesAPortOfItsMetricsThatIsTaken) {
  const SilentPort taken;
  server_.config().mutable_metrics()->set_listen(
      absl::StrCat("127.0.0.1:", taken.port()));
  Begin();
  EXPECT_EQ(process_->Wait(seconds(10)), kCannotStart);
  EXPECT_THAT(server_.ServerLog(),
              HasSubstr("(metrics.listen): Address already in use; is another "
                        "server there?"));
}

// A reload is no start: it keeps what is in force and goes on.
TEST_F(StartTest, AndAReloadRefuseAPipeInsteadOfThePolicy) {
  server_.Start();
  const std::string path = server_.folder().File("policy.textproto");
  ASSERT_TRUE(std::filesystem::remove(path));
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(server_.WaitForLog("policy-kept version=1"));
  EXPECT_THAT(server_.ServerLog(), HasSubstr("it is a pipe"));
  server_.Stop();
  EXPECT_THAT(server_.ServerLog(), HasSubstr(" stopped"));
}

}  // namespace
}  // namespace bootseal::tests
