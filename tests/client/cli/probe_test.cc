#include "client/cli/probe.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/retry.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using absl::StatusCode;
using tests::StatusIs;

// Takes `connections` on a free port of the loopback, one after the other,
// hears the client's first words and does what the test wants with each.
class Peer {
 public:
  Peer(int connections, std::function<void(int)> act)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, connections, act = std::move(act)] {
      for (int i = 0; i < connections; ++i) Serve(act);
    });
  }
  ~Peer() {
    thread_.join();
    close(listener_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  void Serve(const std::function<void(int)>& act) const {
    const int connection = accept(listener_, nullptr, nullptr);
    std::array<char, 4096> hello{};
    EXPECT_GT(recv(connection, hello.data(), hello.size(), 0), 0);
    act(connection);
    close(connection);
  }

  int listener_;
  int port_ = 0;
  std::thread thread_;
};

absl::Status Probe(const Peer& peer) {
  return ProbeServer(peer.address(), Credentials(), absl::Seconds(10));
}

TEST(Probe, TakesAServerThatHangsUpDuringTheHandshakeForUnreachable) {
  const Peer peer(1, [](int) {});
  const absl::Status status = Probe(peer);
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable, "SERVER_UNREACHABLE"));
  EXPECT_TRUE(WorthRetrying(status));
}

TEST(Probe, TakesAConnectionResetDuringTheHandshakeForUnreachable) {
  const Peer peer(1, [](int connection) {
    const linger at_once{1, 0};
    EXPECT_EQ(setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once,
                         sizeof(at_once)),
              0);
  });
  EXPECT_THAT(Probe(peer),
              StatusIs(StatusCode::kUnavailable, "SERVER_UNREACHABLE"));
}

TEST(Probe, DoesNotTakeAServerWithoutTlsForUnreachable) {
  const Peer peer(2, [](int connection) {
    const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    EXPECT_EQ(send(connection, answer.data(), answer.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(answer.size()));
  });
  const absl::Status status = Probe(peer);
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable, "HANDSHAKE_FAILED"));
  EXPECT_FALSE(WorthRetrying(status));
}

TEST(Probe, TakesEveryPortThatThereIs) {
  for (const char* port : {"1", "8443", "65535"}) {
    const auto address = ParseAddress(absl::StrCat("a.example:", port));
    ASSERT_OK(address);
    EXPECT_EQ(address->port, port);
  }
}

// A port is not taken modulo 65536.
TEST(Probe, RefusesAPortThatIsNone) {
  for (const char* port : {"", "0", "00", "65536", "99999", "100000", "-1",
                           "0x1", "8443 ", "https"}) {
    EXPECT_THAT(ParseAddress(absl::StrCat("a.example:", port)),
                StatusIs(StatusCode::kInvalidArgument, "SERVER_INVALID"))
        << port;
  }
}

}  // namespace
}  // namespace bootseal::cli
