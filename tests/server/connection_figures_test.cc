// What a real server shows of the connections to its port.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/edge/incidents.h"
#include "tests/server/raw_client.h"
#include "tests/server/raw_connection.h"
#include "tests/server/scrape.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {
namespace {

constexpr char kOpen[] = "bootseal_connections_open";
constexpr char kLimit[] = "bootseal_connections_limit";

std::string Refused(const std::string& reason) {
  return absl::StrCat("bootseal_connections_refused_total{reason=\"", reason,
                      "\"}");
}

class ConnectionsShown : public testing::Test {
 protected:
  ConnectionsShown() {
    AddMetrics(server_);
    server_.config().mutable_limits()->set_max_concurrent_requests(2);
    server_.config().mutable_limits()->set_max_requests_per_identity(1);
    server_.Start();
    // TLS writes to connections that the server has reset.
    signal(SIGPIPE, SIG_IGN);
    limit_ = static_cast<int>(ValueOf(Scrape(server_), kLimit));
  }

  void Open(const char* from, int count) {
    for (int i = 0; i < count; ++i) {
      held_.push_back(std::make_unique<RawConnection>(Port(), from));
      ASSERT_TRUE(held_.back()->connected());
    }
  }
  int Port() const {
    return std::stoi(server_.address().substr(server_.address().find(':') + 1));
  }

  ServerFixture server_;
  int limit_ = 0;
  std::vector<std::unique_ptr<RawConnection>> held_;
};

TEST_F(ConnectionsShown, BeginWithAZeroForEachReason) {
  const std::string text = Scrape(server_);
  for (const char* reason :
       {"all", "address", "system", "handshake", "protocol", "evicted"}) {
    EXPECT_EQ(ValueOf(text, Refused(reason)), 0) << reason;
  }
  EXPECT_EQ(ValueOf(text, "bootseal_connections_slowed_total"), 0);
}

TEST_F(ConnectionsShown, FollowThoseThatAreOpenAndThoseThatAreClosed) {
  // Two requests are 36 calls.
  EXPECT_EQ(limit_, 72);
  EXPECT_EQ(ValueOf(Scrape(server_), kOpen), 0);
  Open("127.0.0.2", 10);
  EXPECT_TRUE(Reaches(server_, kOpen, 10));
  held_.resize(3);
  EXPECT_TRUE(Reaches(server_, kOpen, 3));
  held_.clear();
  EXPECT_TRUE(Reaches(server_, kOpen, 0));
  EXPECT_EQ(ValueOf(Scrape(server_), Refused("address")), 0);
}

TEST_F(ConnectionsShown, TellOfThoseThatGaveWay) {
  Open("127.0.0.2", limit_ / 2 + 5);
  EXPECT_TRUE(Reaches(server_, Refused("evicted"), 5));
  Open("127.0.0.3", limit_ / 2);
  Open("127.0.0.4", 4);
  EXPECT_TRUE(Reaches(server_, Refused("evicted"), 9));
  const std::string text = Scrape(server_);
  EXPECT_EQ(ValueOf(text, kOpen), limit_);
  for (const char* reason : {"all", "address", "system"}) {
    EXPECT_EQ(ValueOf(text, Refused(reason)), 0) << reason;
  }
}

TEST_F(ConnectionsShown, TellTheShareOfAnAddressFromTheWhole) {
  const SslContextPtr context =
      RawTlsContext(server_.certificate_path("ci"), server_.key_path("ci"));
  std::vector<RawClient> certified;
  const auto shake_hands = [&](const char* from, int count) {
    for (int i = 0; i < count; ++i) {
      certified.emplace_back(Port(), from);
      // In TLS 1.3 the server may have to see the certificate yet; HTTP/2
      // tells that it has.
      if (certified.back().Handshake(context.get()) &&
          certified.back().Send(Hello())) {
        certified.back().Hears();
      }
    }
  };
  shake_hands("127.0.0.2", limit_ / 2);
  EXPECT_TRUE(Reaches(server_, kOpen, limit_ / 2));
  shake_hands("127.0.0.2", 5);
  EXPECT_TRUE(Reaches(server_, Refused("address"), 5));
  EXPECT_EQ(ValueOf(Scrape(server_), Refused("all")), 0);
  shake_hands("127.0.0.3", limit_ / 2);
  EXPECT_TRUE(Reaches(server_, kOpen, limit_));
  shake_hands("127.0.0.4", 4);
  EXPECT_TRUE(Reaches(server_, Refused("all"), 4));
  const std::string text = Scrape(server_);
  EXPECT_EQ(ValueOf(text, Refused("address")), 5);
  EXPECT_EQ(ValueOf(text, Refused("evicted")), 0);
}

TEST_F(ConnectionsShown, TellOfHandshakesAndFramesThatWereNone) {
  const SslContextPtr context = RawTlsContext("", "");
  RawClient garbage(Port());
  garbage.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(Reaches(server_, Refused("handshake"), 1));
  RawClient other(Port());
  ASSERT_TRUE(other.Handshake(context.get()));
  other.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(Reaches(server_, Refused("protocol"), 1));
  EXPECT_TRUE(server_.WaitForLog(
      "connection-failed address=127.0.0.2 reason=\"does not speak HTTP/2\""));
}

TEST_F(ConnectionsShown, CountWhatTheSystemHasNoRoomFor) {
  const pid_t server = server_.process().pid();
  rlimit whole{};
  ASSERT_EQ(prlimit(server, RLIMIT_NOFILE, nullptr, &whole), 0);
  rlimit none = whole;
  none.rlim_cur = 4;
  ASSERT_EQ(prlimit(server, RLIMIT_NOFILE, &none, nullptr), 0);
  Open("127.0.0.2", 1);
  EXPECT_TRUE(server_.WaitForLog("Too many open files"));
  ASSERT_EQ(prlimit(server, RLIMIT_NOFILE, &whole, nullptr), 0);
  EXPECT_TRUE(Reaches(server_, kOpen, 1));
  EXPECT_GE(ValueOf(Scrape(server_), Refused("system")), 1);
}

}  // namespace
}  // namespace bootseal::tests
