// A hostile client neither starves others nor makes the server grow. An honest
// one signs over a new connection each time, before and during the attack.
//
// BOOTSEAL_HOSTILE_SECONDS: how long each attack lasts at least; 1.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/server/attacks.h"
#include "tests/server/raw_client.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using Steady = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

// Attacker, server and honest client share the machine: an attack that makes
// the server work leaves a third to each.
constexpr double kMostTimesSlower = 15;
// Below it a quiet figure says more about the machine than about the server.
constexpr Milliseconds kLeastQuiet{10};
constexpr long kMostKib = 128 << 10;
constexpr std::size_t kFewestSignatures = 15;

std::chrono::seconds Duration() {
  const char* set = std::getenv("BOOTSEAL_HOSTILE_SECONDS");
  int seconds = 1;
  if (set != nullptr && !absl::SimpleAtoi(set, &seconds)) std::abort();
  return std::chrono::seconds(seconds);
}

// A thousand connections are a thousand descriptors here, too.
void RaiseFiles() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// What the server's process holds.
struct Holdings {
  long kib = 0;
  long peak_kib = 0;  // since it was last asked to forget
  long files = 0;
  long threads = 0;
};

long CountIn(const std::string& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

Holdings HoldingsOf(pid_t pid) {
  const std::string home = "/proc/" + std::to_string(pid);
  Holdings held;
  std::ifstream status(home + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> held.kib;
    if (word == "VmHWM:") status >> held.peak_kib;
  }
  held.files = CountIn(home + "/fd");
  held.threads = CountIn(home + "/task");
  return held;
}

void ForgetPeak(pid_t pid) {
  std::ofstream("/proc/" + std::to_string(pid) + "/clear_refs") << "5";
}

struct Latency {
  Milliseconds median{0};
  Milliseconds worst{0};
  std::size_t signatures = 0;
};

class HostileClient : public testing::Test {
 protected:
  HostileClient() {
    RaiseFiles();
    // TLS writes to connections that the server has reset.
    signal(SIGPIPE, SIG_IGN);
    server_.policy().mutable_targets(0)->add_requesters("developer");
    server_.Start();
  }

  // Over a connection of its own, as each job of a CI has.
  void SignOnce() {
    grpc::ChannelArguments alone;
    alone.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    EXPECT_OK(Sign(server_.Channel("ci", alone), HeaderFor(payload_), payload_)
                  .status());
  }

  Latency Measure(std::chrono::seconds duration) {
    std::vector<Milliseconds> took;
    const auto end = Steady::now() + duration;
    while (took.size() < kFewestSignatures || Steady::now() < end) {
      const auto start = Steady::now();
      SignOnce();
      took.emplace_back(Steady::now() - start);
    }
    std::sort(took.begin(), took.end());
    return {took[took.size() / 2], took.back(), took.size()};
  }

  // Once the attack is over, for at most ten seconds.
  Holdings Settled(const Holdings& before) {
    const auto end = Steady::now() + std::chrono::seconds(10);
    Holdings held = HoldingsOf(pid());
    while (Steady::now() < end && (held.files > before.files + 8 ||
                                   held.threads > before.threads + 8)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      held = HoldingsOf(pid());
    }
    return held;
  }

  pid_t pid() { return server_.process().pid(); }

  ServerFixture server_;
  const std::string payload_ = TestPayload(5000);
};

class HostileClients : public HostileClient,
                       public testing::WithParamInterface<Attack> {};

TEST_P(HostileClients, StarveNobodyAndLeaveNothing) {
  const Attack& attack = GetParam();
  for (int i = 0; i < 5; ++i) SignOnce();
  const Latency quiet = Measure(std::chrono::seconds(0));
  const Holdings before = HoldingsOf(pid());
  ForgetPeak(pid());
  Swing swing;
  std::thread attacker([&] { attack.run(server_, swing); });
  while (!swing.full) std::this_thread::yield();
  const Latency attacked = Measure(Duration());
  const Holdings during = HoldingsOf(pid());
  swing.end = true;
  swing.end.notify_all();
  attacker.join();
  const Holdings after = Settled(before);
  std::printf(
      "| %s | %.0f | %.0f | %.0f | %.1f | %.1f | %ld | %ld | %ld | %ld |\n",
      attack.what, quiet.median.count(), attacked.median.count(),
      attacked.worst.count(), static_cast<double>(before.kib) / 1024,
      static_cast<double>(during.peak_kib) / 1024, before.files, during.files,
      after.files, after.threads - before.threads);
  EXPECT_LT(attacked.median,
            std::max(quiet.median, kLeastQuiet) * kMostTimesSlower);
  EXPECT_LT(during.peak_kib - before.kib, kMostKib);
  EXPECT_LE(after.files, before.files + 8);
  EXPECT_LE(after.threads, before.threads + 8);
  SignOnce();
}

TEST_F(HostileClient, LeavesTheServerListeningWhenFilesRunOut) {
  SignOnce();
  const rlim_t few = static_cast<rlim_t>(HoldingsOf(pid()).files) + 3;
  rlimit whole{};
  prlimit(pid(), RLIMIT_NOFILE, nullptr, &whole);
  rlimit less = whole;
  less.rlim_cur = few;
  ASSERT_EQ(prlimit(pid(), RLIMIT_NOFILE, &less, nullptr), 0);
  {
    std::vector<RawClient> guests;
    for (int i = 0; i < 20; ++i) guests.emplace_back(PortOf(server_));
    EXPECT_TRUE(server_.WaitForLog("Too many open files"));
  }
  ASSERT_EQ(prlimit(pid(), RLIMIT_NOFILE, &whole, nullptr), 0);
  for (int i = 0; i < 5; ++i) SignOnce();
}

TEST_F(HostileClient, GivesWayBeyondTheConnectionsOfOneAddress) {
  std::vector<RawClient> guests;
  for (int i = 0; i < 700; ++i) guests.emplace_back(PortOf(server_));
  // As many as calls stay, by default, and the oldest go.
  for (int i = 0; i < 156; ++i) EXPECT_TRUE(guests[i].HungUp()) << i;
  const auto open =
      std::count_if(guests.begin(), guests.end(),
                    [](const RawClient& guest) { return guest.IsOpen(); });
  EXPECT_EQ(open, 544);
  SignOnce();
  EXPECT_TRUE(server_.WaitForLog("connection-evicted address=127.0.0.2"));
}

TEST_F(HostileClient, IsRefusedBeyondTheConnectionsOfItsAddressThatStay) {
  const SslContextPtr context = RawTlsContext(
      server_.certificate_path("developer"), server_.key_path("developer"));
  std::vector<RawClient> guests;
  for (int i = 0; i < 560; ++i) {
    guests.emplace_back(PortOf(server_));
    if (guests.back().Handshake(context.get()) && guests.back().Send(Hello())) {
      guests.back().Hears();
    }
  }
  EXPECT_TRUE(server_.WaitForLog("connection-refused address=127.0.0.2"));
  EXPECT_TRUE(guests.front().IsOpen());
  SignOnce();
}

// A first message of a handshake costs the client nothing.
TEST_F(HostileClient, CannotChooseAKeyExchangeThatIsDearForTheServer) {
  const SslContextPtr context = RawTlsContext("", "");
  const auto shakes_hands = [&](const char* groups) {
    EXPECT_EQ(SSL_CTX_set1_groups_list(context.get(), groups), 1) << groups;
    return RawClient(PortOf(server_)).Handshake(context.get());
  };
  for (const char* slow : {"ffdhe8192", "ffdhe2048", "P-521", "X448"}) {
    EXPECT_FALSE(shakes_hands(slow)) << slow;
  }
  EXPECT_TRUE(shakes_hands("X25519"));
  EXPECT_TRUE(shakes_hands("P-256"));
}

TEST_F(HostileClient, IsSentAwayWhenItsHandshakeDoesNotEnd) {
  const Holdings before = HoldingsOf(pid());
  std::vector<RawClient> guests;
  for (int i = 0; i < 100; ++i) guests.emplace_back(PortOf(server_));
  const auto start = Steady::now();
  const auto gone = [](RawClient& guest) { return !guest.IsOpen(); };
  while (Steady::now() - start < std::chrono::seconds(20) &&
         !std::all_of(guests.begin(), guests.end(), gone)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_GE(Steady::now() - start, std::chrono::seconds(9));
  EXPECT_LT(Steady::now() - start, std::chrono::seconds(15));
  EXPECT_LE(Settled(before).files, before.files + 8);
}

std::string NameOf(const testing::TestParamInfo<Attack>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Connecting, HostileClients,
                         testing::ValuesIn(AttacksByConnecting()), NameOf);
INSTANTIATE_TEST_SUITE_P(Strangers, HostileClients,
                         testing::ValuesIn(AttacksOfStrangers()), NameOf);
INSTANTIATE_TEST_SUITE_P(Callers, HostileClients,
                         testing::ValuesIn(AttacksOfCallers()), NameOf);

}  // namespace
}  // namespace bootseal::tests
