#include "server/listener.h"

#include <arpa/inet.h>
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
#include "tests/support/status_matchers.h"

namespace bootseal::server {
namespace {

using ::testing::AllOf;
using tests::MessageHas;
using tests::StatusIs;

class Client {
 public:
  Client(const char* from, int port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in here = Address(from, 0);
    const sockaddr_in there = Address("127.0.0.1", port);
    EXPECT_EQ(
        bind(socket_, reinterpret_cast<const sockaddr*>(&here), sizeof(here)),
        0);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&there),
                      sizeof(there)),
              0);
  }
  Client(Client&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Client& operator=(Client&&) = delete;
  ~Client() {
    if (socket_ >= 0) close(socket_);
  }

  // The byte that the server sends to what it takes; false for a reset.
  bool IsTaken(
      std::chrono::milliseconds patience = std::chrono::seconds(10)) const {
    pollfd poller{socket_, POLLIN, 0};
    char byte = 0;
    return poll(&poller, 1, static_cast<int>(patience.count())) == 1 &&
           recv(socket_, &byte, 1, 0) == 1;
  }

 private:
  static sockaddr_in Address(const char* host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, host, &address.sin_addr);
    return address;
  }

  int socket_;
};

// Greets what it gets, and keeps it.
class Taken {
 public:
  ~Taken() { CloseAll(); }
  void Take(int connection) {
    EXPECT_EQ(send(connection, "!", 1, MSG_NOSIGNAL), 1);
    const base::MutexLock lock(mutex_);
    open_.push_back(connection);
  }
  void CloseAll() {
    const base::MutexLock lock(mutex_);
    for (const int each : std::exchange(open_, {})) close(each);
  }

 private:
  base::Mutex mutex_;
  std::vector<int> open_ ABSL_GUARDED_BY(mutex_);
};

class ListenerTest : public testing::Test {
 protected:
  void Start(Connections::Bounds bounds,
             const std::string& address = "127.0.0.1:0") {
    auto opened = Listener::Open(address, bounds);
    ASSERT_OK(opened);
    listener_ = *std::move(opened);
    listener_->Start([this](int, int connection) { taken_.Take(connection); },
                     figures_);
  }
  Client From(const char* address) {
    return Client(address, listener_->port());
  }

  Taken taken_;
  ConnectionFigures figures_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, ResetsWhatIsBeyondTheShareOfAnAddress) {
  Start({8, 4});
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(From("127.0.0.2"));
    EXPECT_TRUE(clients.back().IsTaken());
  }
  EXPECT_FALSE(From("127.0.0.2").IsTaken());
  EXPECT_TRUE(From("127.0.0.3").IsTaken());
  EXPECT_FALSE(From("127.0.0.2").IsTaken());
}

TEST_F(ListenerTest, ResetsEverybodyWhenAsManyAreOpenAsMayBe) {
  Start({4, 2});
  std::vector<Client> clients;
  for (const char* from : {"127.0.0.2", "127.0.0.3"}) {
    for (int i = 0; i < 2; ++i) {
      clients.push_back(From(from));
      EXPECT_TRUE(clients.back().IsTaken());
    }
  }
  EXPECT_FALSE(From("127.0.0.4").IsTaken());
}

TEST_F(ListenerTest, FindsThePlacesOfThoseThatWereClosed) {
  Start({4, 2});
  for (int round = 0; round < 5; ++round) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(10);
    int taken = 0;
    std::vector<Client> clients;
    while (taken < 2 && std::chrono::steady_clock::now() < deadline) {
      clients.push_back(From("127.0.0.2"));
      taken += clients.back().IsTaken() ? 1 : 0;
    }
    EXPECT_EQ(taken, 2) << round;
    EXPECT_FALSE(From("127.0.0.2").IsTaken());
    taken_.CloseAll();
  }
}

TEST_F(ListenerTest, TakesConnectionsAgainAfterFilesRanOut) {
  Start({1000, 1000});
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
}

TEST_F(ListenerTest, TakesNothingAfterItsEnd) {
  Start({8, 8});
  const int port = listener_->port();
  listener_->Stop();
  listener_->Stop();
  const auto other = Listener::Open(absl::StrCat("127.0.0.1:", port), {8, 8});
  EXPECT_OK(other);
}

TEST_F(ListenerTest, BindsEveryAddressOfAName) {
  for (const char* address : {"localhost:0", "[::]:0", "0.0.0.0:0"}) {
    Start({8, 8}, address);
    EXPECT_TRUE(From("127.0.0.2").IsTaken()) << address;
    listener_->Stop();
  }
}

TEST(Listener, RefusesAPortThatIsTaken) {
  const auto first = Listener::Open("127.0.0.1:0", {8, 8});
  ASSERT_OK(first);
  const std::string same = absl::StrCat("127.0.0.1:", (*first)->port());
  EXPECT_THAT(Listener::Open(same, {8, 8}).status(),
              AllOf(StatusIs(absl::StatusCode::kUnavailable, "LISTEN_FAILED"),
                    MessageHas(same), MessageHas("is another server there")));
}

TEST(Listener, RefusesAnAddressThatIsNotHere) {
  for (const char* address : {"192.0.2.1:0", "no-such-host.invalid:0"}) {
    EXPECT_THAT(Listener::Open(address, {8, 8}).status(),
                StatusIs(absl::StatusCode::kUnavailable, "LISTEN_FAILED"))
        << address;
  }
}

TEST(ConnectionBounds, AreTwiceTheCallsAndHalfOfThemOfOneAddress) {
  const auto bounds = ConnectionBounds(544);
  ASSERT_OK(bounds);
  EXPECT_EQ(bounds->all, 1088U);
  EXPECT_EQ(bounds->of_one_address, 544U);
}

TEST(ConnectionBounds, LeaveTheServerFilesOfItsOwn) {
  rlimit whole{};
  getrlimit(RLIMIT_NOFILE, &whole);
  const auto bounds = ConnectionBounds(4'000'000);
  ASSERT_OK(bounds);
  EXPECT_LE(bounds->all + 128, whole.rlim_max);
  rlimit raised{};
  getrlimit(RLIMIT_NOFILE, &raised);
  EXPECT_EQ(raised.rlim_cur, whole.rlim_max);
}

}  // namespace
}  // namespace bootseal::server
