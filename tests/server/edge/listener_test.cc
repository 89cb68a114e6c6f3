#include "server/edge/listener.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "tests/support/loopback.h"
#include "tests/support/status_matchers.h"

namespace bootseal::edge {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using tests::MessageHas;
using tests::StatusIs;

class Client {
 public:
  Client(const char* from, int port) : connection_(from, port) {}

  // The byte that the server sends to what it takes; false for a reset.
  bool IsTaken(
      std::chrono::milliseconds patience = std::chrono::seconds(10)) const {
    pollfd poller{connection_.socket(), POLLIN, 0};
    char byte = 0;
    return poll(&poller, 1, static_cast<int>(patience.count())) == 1 &&
           recv(connection_.socket(), &byte, 1, 0) == 1;
  }

 private:
  tests::Connection connection_;
};

// Greets what it gets, and keeps it.
class Taken {
 public:
  ~Taken() {
    for (const int each : open_) close(each);
  }
  void Take(int connection, const std::string& address) {
    {
      const base::MutexLock lock(mutex_);
      open_.push_back(connection);
      from_.push_back(address);
    }
    EXPECT_EQ(send(connection, "!", 1, MSG_NOSIGNAL), 1);
  }
  std::vector<std::string> from() {
    const base::MutexLock lock(mutex_);
    return from_;
  }

 private:
  base::Mutex mutex_;
  std::vector<int> open_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> from_ ABSL_GUARDED_BY(mutex_);
};

class ListenerTest : public testing::Test {
 protected:
  void Start(const std::string& address = "127.0.0.1:0") {
    auto opened = Listener::Open(address, incidents_);
    ASSERT_OK(opened);
    listener_ = *std::move(opened);
    listener_->Start([this](int connection, const std::string& from) {
      taken_.Take(connection, from);
    });
  }
  Client From(const char* address) {
    return Client(address, listener_->port());
  }

  Taken taken_;
  Incidents incidents_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, TellsWhereEachConnectionComesFrom) {
  Start();
  for (const char* from : {"127.0.0.2", "127.0.0.3", "127.0.0.2"}) {
    EXPECT_TRUE(From(from).IsTaken());
  }
  EXPECT_THAT(taken_.from(),
              ElementsAre("127.0.0.2", "127.0.0.3", "127.0.0.2"));
}

TEST_F(ListenerTest, TakesANetworkOfIpv6ForOneAddress) {
  if (!Listener::Open("[::1]:0", incidents_).ok()) {
    GTEST_SKIP() << "this machine has no IPv6";
  }
  Start("[::1]:0");
  const int client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(static_cast<std::uint16_t>(listener_->port()));
  to.sin6_addr = in6addr_loopback;
  ASSERT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof(to)),
            0);
  char greeting = 0;
  EXPECT_EQ(recv(client, &greeting, 1, 0), 1);
  close(client);
  EXPECT_THAT(taken_.from(), ElementsAre("::/48"));
}

TEST_F(ListenerTest, TakesConnectionsAgainAfterFilesRanOut) {
  Start();
  ASSERT_TRUE(From("127.0.0.2").IsTaken());
  rlimit whole{};
  getrlimit(RLIMIT_NOFILE, &whole);
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(From("127.0.0.2"));
  for (const Client& each : clients) EXPECT_TRUE(each.IsTaken());
  testing::internal::CaptureStderr();
  const int next = dup(0);
  close(next);
  // Room for the client's end, and none for the server's.
  rlimit few = whole;
  few.rlim_cur = static_cast<rlim_t>(next) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const Client waits = From("127.0.0.2");
  EXPECT_FALSE(waits.IsTaken(std::chrono::milliseconds(300)));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &whole), 0);
  EXPECT_TRUE(waits.IsTaken());
  EXPECT_NE(testing::internal::GetCapturedStderr().find("Too many open files"),
            std::string::npos);
  EXPECT_GE(incidents_.count(Incident::kSystem), 1U);
}

TEST_F(ListenerTest, TakesNothingAfterItsEnd) {
  Start();
  const int port = listener_->port();
  listener_->Stop();
  listener_->Stop();
  Incidents incidents;
  const auto other =
      Listener::Open(absl::StrCat("127.0.0.1:", port), incidents);
  EXPECT_OK(other);
}

TEST_F(ListenerTest, BindsEveryAddressOfAName) {
  for (const char* address : {"localhost:0", "[::]:0", "0.0.0.0:0"}) {
    Start(address);
    EXPECT_TRUE(From("127.0.0.2").IsTaken()) << address;
    listener_->Stop();
  }
}

TEST(Listener, RefusesAPortThatIsTaken) {
  Incidents incidents;
  const auto first = Listener::Open("127.0.0.1:0", incidents);
  ASSERT_OK(first);
  const std::string same = absl::StrCat("127.0.0.1:", (*first)->port());
  EXPECT_THAT(Listener::Open(same, incidents).status(),
              AllOf(StatusIs(absl::StatusCode::kUnavailable, "LISTEN_FAILED"),
                    MessageHas(same), MessageHas("is another server there")));
}

TEST(Listener, RefusesAnAddressThatIsNotHere) {
  Incidents incidents;
  for (const char* address : {"192.0.2.1:0", "no-such-host.invalid:0"}) {
    EXPECT_THAT(Listener::Open(address, incidents).status(),
                StatusIs(absl::StatusCode::kUnavailable, "LISTEN_FAILED"))
        << address;
  }
}

}  // namespace
}  // namespace bootseal::edge
