#include "server/edge/relay.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/edge/eager_client.h"
#include "tests/support/loopback.h"
#include "tests/support/status_matchers.h"

namespace bootseal::edge {
namespace {

using tests::StatusIs;
using Steady = std::chrono::steady_clock;

TEST(Relay, OfAPortThatIsTakenIsNone) {
  Clients clients({8, 8});
  const auto first = Listener::Open("127.0.0.1:0", clients.incidents);
  ASSERT_OK(first);
  SslContextPtr tls(SSL_CTX_new(TLS_server_method()));
  const auto relay = Relay::Open(absl::StrCat("127.0.0.1:", (*first)->port()),
                                 1000, std::move(tls), clients);
  EXPECT_THAT(relay.status(),
              StatusIs(absl::StatusCode::kUnavailable, "LISTEN_FAILED"));
}

TEST(Relay, EndsThatWasNeverStarted) {
  Clients clients({8, 8});
  SslContextPtr tls(SSL_CTX_new(TLS_server_method()));
  const auto relay = Relay::Open("127.0.0.1:0", 1000, std::move(tls), clients);
  ASSERT_OK(relay);
  (*relay)->StopListening();
  (*relay)->Stop(absl::ZeroDuration());
}

class RelayTest : public testing::Test {
 protected:
  void Start(std::function<void(int)> serve) {
    asio::ssl::context tls = tests::ServerContext();
    SSL_CTX_up_ref(tls.native_handle());
    auto opened = Relay::Open("127.0.0.1:0", 1000,
                              SslContextPtr(tls.native_handle()), clients_);
    ASSERT_OK(opened);
    relay_ = *std::move(opened);
    relay_->Start(std::move(serve));
  }
  void Connect(const char* from, int times) {
    for (int i = 0; i < times; ++i) {
      connections_.emplace_back(from, relay_->port());
    }
  }
  bool WaitUntil(const std::function<bool()>& holds) {
    const auto end = Steady::now() + std::chrono::seconds(20);
    while (!holds() && Steady::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return holds();
  }
  std::size_t open() { return clients_.connections.open(); }

  Clients clients_{{.all = 4000, .of_one_address = 2000}};
  std::vector<tests::Connection> connections_;
  std::unique_ptr<Relay> relay_;
};

// Or what a flood brings is held here, while its loops are busy.
TEST_F(RelayTest, TakesNoMoreThanItsLoopsBeginWith) {
  std::promise<void> busy;
  std::promise<void> released;
  Start([&](int end) {
    busy.set_value();
    released.get_future().wait();
    close(end);
  });
  Connect("127.0.0.2", 1);
  tests::EagerClient first(connections_.front().socket());
  first.Answer();
  busy.get_future().wait();
  constexpr std::size_t kMostLoops = 4;
  constexpr std::size_t kMost = kMostLoops * Relay::kAhead + 1;
  Connect("127.0.0.2", 2 * kMost);
  EXPECT_TRUE(WaitUntil([&] { return open() >= Relay::kAhead; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LE(open(), kMost);
  released.set_value();
  EXPECT_TRUE(WaitUntil([&] { return open() >= 2 * kMost; }));
}

}  // namespace
}  // namespace bootseal::edge
