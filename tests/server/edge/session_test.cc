#include "server/edge/session.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/edge/clients.h"
#include "tests/server/edge/eager_client.h"
#include "tests/server/raw_client.h"

namespace bootseal::edge {
namespace {

using ::asio::ip::tcp;

// More than it takes until gRPC has what the client said.
constexpr int kSteps = 40;

// A session whose loop goes on only when it is told to.
class SessionTest : public testing::Test {
 protected:
  // A client may speak to a connection that is closed.
  SessionTest() { signal(SIGPIPE, SIG_IGN); }

  struct Stepped {
    explicit Stepped(const std::function<void(Stepped&)>& before = {}) {
      if (before) before(*this);
      tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
      client_socket.connect(acceptor.local_endpoint());
      client_socket.non_blocking(true);
      client_socket.set_option(tcp::no_delay(true));
      client.emplace(client_socket.native_handle());
      made = std::make_shared<Session>(
          loop, acceptor.accept().release(), "127.0.0.1",
          Session::Parts{tls, budgets, clients.peers, clients.incidents,
                         serve});
      made->Start(std::get<Connections::Place>(
          clients.connections.Take("127.0.0.1", [] {})));
    }
    ~Stepped() {
      for (const int each : served) close(each);
    }

    // Of a client that says what it likes.
    void Say(absl::string_view bytes) {
      asio::write(client_socket, asio::buffer(bytes.data(), bytes.size()));
      for (int i = 0; i < kSteps; ++i) loop.poll_one();
    }
    // Others from unknown addresses have begun as many as they may.
    void TakeStrangersHandshakes() {
      const absl::Time later = absl::Now() + absl::Hours(1);
      for (int i = 0; i < 1000; ++i) {
        budgets.TakeStrangersHandshake(absl::StrCat("192.0.2.", i), later);
      }
    }
    std::size_t slowed() { return clients.incidents.count(Incident::kSlowed); }
    // With so much that neither the session nor the kernel takes more.
    void Answer() {
      const std::string answer(16 << 10, '!');
      for (int refused = 0; refused < 50;) {
        const bool taken =
            send(served[0], answer.data(), answer.size(), MSG_DONTWAIT) > 0;
        refused = taken ? 0 : refused + 1;
        loop.poll_one();
      }
    }
    std::size_t open() { return clients.connections.open(); }
    std::size_t Heard() { return client_socket.available(); }
    bool StepFor(int milliseconds, const std::function<bool()>& holds) {
      bool held = holds();
      for (int i = 0; i < milliseconds && !held; ++i) {
        loop.poll_one();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        held = holds();
      }
      return held;
    }
    bool StepUntil(const std::function<bool()>& holds) {
      return StepFor(3'000, holds);
    }

    void Step(int times) {
      for (int i = 0; i < times; ++i) {
        client->Answer();
        loop.poll_one();
      }
    }

    asio::ssl::context tls = tests::ServerContext();
    Budgets budgets{1000, 1};
    Clients clients{{.all = 1, .of_one_address = 1}};
    std::vector<int> served;
    std::function<void(int)> serve = [this](int end) { served.push_back(end); };
    asio::io_context loop{1};
    tcp::socket client_socket{loop};
    std::optional<tests::EagerClient> client;
    std::shared_ptr<Session> made;
  };
};

TEST_F(SessionTest, HandsOnWhatWasInsideTls) {
  Stepped session;
  session.Step(kSteps);
  ASSERT_EQ(session.served.size(), 1U);
  std::array<char, 100> got{};
  const ssize_t size = recv(session.served[0], got.data(), got.size(), 0);
  ASSERT_GT(size, 0);
  EXPECT_EQ(absl::string_view(got.data(), static_cast<std::size_t>(size)),
            tests::EagerHello());
}

TEST_F(SessionTest, TakesAFirstRecordInPieces) {
  Stepped session;
  const auto context = tests::RawTlsContext("", "");
  const std::string first = tests::FirstFlight(context.get());
  for (const char& byte : absl::string_view(first).substr(1)) {
    session.Say({&byte - 1, 1});
    EXPECT_EQ(session.Heard(), 0U);
  }
  session.Say(absl::string_view(first).substr(first.size() - 1));
  EXPECT_TRUE(session.StepUntil([&] { return session.Heard() > 0; }));
}

TEST_F(SessionTest, EndsWithAClientThatEndsWithinItsFirstRecord) {
  for (const std::size_t size : {0, 1, 4, 5, 11}) {
    Stepped session;
    session.Say(absl::string_view("\x16\3\1\2\0\1\0\1\xfc\3\3", size));
    EXPECT_EQ(session.open(), 1U);
    session.client_socket.close();
    EXPECT_TRUE(session.StepUntil([&] { return session.open() == 0; })) << size;
    EXPECT_TRUE(session.StepUntil([&] {
      return session.made.use_count() == 1;
    })) << size;
  }
}

TEST_F(SessionTest, DoesNotSpinWhereUrgentDataHidesTheRest) {
  Stepped session;
  session.Say("\x16\3\1\2\0\1");
  ASSERT_EQ(send(session.client_socket.native_handle(), "!", 1, MSG_OOB), 1);
  session.Say(std::string(100, 'x'));
  int handled = 0;
  for (int i = 0; i < 100; ++i) {
    handled += static_cast<int>(session.loop.poll_one());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_LT(handled, 10);
}

// As a client that was told of no TLS, who should hear of it.
TEST_F(SessionTest, RefusesWhatIsNotTlsAtOnce) {
  for (const absl::string_view first :
       {absl::string_view("GET / HTTP/1.1\r\n\r\n"),
        absl::string_view(kPreface)}) {
    Stepped session;
    session.Say(first);
    EXPECT_TRUE(session.StepUntil([&] { return session.open() == 0; }));
    EXPECT_EQ(session.clients.incidents.count(Incident::kHandshake), 1U);
  }
}

TEST_F(SessionTest, BeginsLaterWhereUnknownAddressesBeginTooMany) {
  Stepped session([](Stepped& each) { each.TakeStrangersHandshakes(); });
  session.Step(kSteps);
  EXPECT_EQ(session.slowed(), 1U);
  EXPECT_EQ(session.Heard(), 0U);
  EXPECT_TRUE(session.StepUntil([&] { return session.Heard() > 0; }));
}

TEST_F(SessionTest, BeginsAtOnceFromAnAddressThatHasShownWhoItIs) {
  Stepped session([](Stepped& each) {
    each.TakeStrangersHandshakes();
    std::get<Connections::Place>(each.clients.connections.Take("127.0.0.1", [] {
    })).Stay();
  });
  session.Step(kSteps);
  EXPECT_EQ(session.slowed(), 0U);
  EXPECT_EQ(session.served.size(), 1U);
}

TEST_F(SessionTest, HearsAClientThatDoesNotReadOnceItDoes) {
  Stepped session;
  session.Step(kSteps);
  ASSERT_EQ(session.served.size(), 1U);
  std::array<char, 100> got{};
  const auto hears = [&] {
    return recv(session.served[0], got.data(), got.size(), MSG_DONTWAIT) > 0;
  };
  ASSERT_TRUE(hears());
  session.Answer();
  ASSERT_TRUE(session.client->Say(
      tests::Frame(tests::FrameType::kPing, 0, 0, "pingpong")));
  EXPECT_FALSE(session.StepFor(100, hears));
  EXPECT_TRUE(session.StepUntil([&] {
    session.client->Drop();
    return hears();
  }));
}

TEST_F(SessionTest, EndsWithAClientThatTakesNothingForTenSeconds) {
  Stepped session;
  session.Step(kSteps);
  session.Answer();
  EXPECT_FALSE(session.StepFor(8'000, [&] { return session.open() == 0; }));
  EXPECT_TRUE(session.StepFor(20'000, [&] { return session.open() == 0; }));
  EXPECT_EQ(session.clients.incidents.count(Incident::kProtocol), 1U);
}

TEST_F(SessionTest, StaysWithAClientThatTakesItsTime) {
  Stepped session;
  session.Step(kSteps);
  session.Answer();
  std::vector<char> some(256 << 10);
  for (int second = 0; second < 12; ++second) {
    session.Answer();
    ASSERT_FALSE(session.StepFor(700, [&] { return session.open() == 0; }));
    asio::error_code ignored;
    session.client_socket.read_some(asio::buffer(some), ignored);
  }
  EXPECT_EQ(session.clients.incidents.count(Incident::kProtocol), 0U);
}

// What was read before it gave way may still wait for its turn.
TEST_F(SessionTest, LeavesNothingWheneverItGivesWay) {
  for (int moment = 0; moment < kSteps; ++moment) {
    Stepped session;
    session.Step(moment);
    session.made->GiveWay();
    session.Step(kSteps);
    EXPECT_EQ(session.clients.incidents.count(Incident::kEvicted), 1U);
    EXPECT_EQ(session.clients.peers.size(), 0U) << moment;
    EXPECT_EQ(session.open(), 0U) << moment;
    EXPECT_EQ(session.made.use_count(), 1) << moment;
  }
}

}  // namespace
}  // namespace bootseal::edge
