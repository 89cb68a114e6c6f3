// What strangers can do at the port of a real server's figures and probes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/raw_connection.h"
#include "tests/server/scrape.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using Steady = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::Values;

constexpr char kEvicted[] = "bootseal_metrics_connections_evicted_total";
constexpr char kPart[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
// A page that is larger than what a socket takes, and who takes little of it.
constexpr int kTargets = 150;
constexpr int kSmallWindow = 1024;
// As long as a probe waits by default (Kubernetes); a stranger has three.
constexpr std::chrono::milliseconds kMostForProbe{1000};

// One server for all of them: it stays as it was.
class MonitoringPort : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    one_ = new ServerFixture;
    AddMetrics(*one_);
    for (int i = 0; i < kTargets; ++i) {
      one_->AddTarget(absl::StrCat("target-", i), "app");
    }
    one_->Start();
  }
  static void TearDownTestSuite() { delete one_; }

  std::string Answer(const std::string& request) {
    RawConnection raw(port_);
    EXPECT_TRUE(raw.connected());
    raw.Send(request);
    return raw.ReadAll();
  }

  double Evicted() { return ValueOf(Scrape(server_), kEvicted); }

  static inline ServerFixture* one_ = nullptr;
  ServerFixture& server_ = *one_;
  const int port_ = MetricsPort(server_);
};

TEST_F(MonitoringPort, ShowsNothingButTheKnownPages) {
  for (const char* path : {"/", "/metrics/", "/../metrics/..", "//metrics",
                           "/healthz/x", "/metrics%00", "/config", "/policy"}) {
    EXPECT_EQ(Fetch(server_, path).status, 404) << path;
  }
}

TEST_F(MonitoringPort, TakesNothingButGet) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const std::string answer = Answer(absl::StrCat(
        method, " /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405")) << method;
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD")) << method;
  }
}

TEST_F(MonitoringPort, GivesNoMultipleOfAPage) {
  const std::string answer = Answer(
      "GET /metrics HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9,0-9\r\n\r\n");
  EXPECT_THAT(answer, Not(HasSubstr("bootseal_ready")));
}

TEST_F(MonitoringPort, TakesSixteenKibibytesForARequest) {
  std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&request, "X-Filler-", i, ": ", std::string(4000, 'x'),
                    "\r\n");
  }
  EXPECT_THAT(Answer(request + "\r\n"), Not(HasSubstr("bootseal_ready")));
  EXPECT_EQ(Fetch(server_, "/metrics").status, 200);
}

TEST_F(MonitoringPort, EndsARequestAfterThreeSecondsHoweverItTrickles) {
  RawConnection slow(port_);
  ASSERT_TRUE(slow.connected());
  const auto begun = Steady::now();
  // Bounded by what the test would wait for at most.
  while (slow.Send("G") && Steady::now() - begun < std::chrono::seconds(20)) {
    usleep(100'000);
  }
  const auto lasted = Steady::now() - begun;
  EXPECT_GE(lasted, std::chrono::seconds(2));
  EXPECT_LT(lasted, std::chrono::seconds(15));
}

TEST_F(MonitoringPort, EndsOneWhoSaysNothing) {
  RawConnection silent(port_);
  const auto begun = Steady::now();
  EXPECT_EQ(silent.ReadAll(), "");
  // Its own patience is twenty.
  EXPECT_LT(Steady::now() - begun, std::chrono::seconds(15));
}

TEST_F(MonitoringPort, AnswersARequestThatComesInPieces) {
  RawConnection slow(port_);
  for (const char byte : std::string("GET /healthz HTTP/1.1\r\nHost: x\r\n")) {
    ASSERT_TRUE(slow.Send({byte}));
  }
  slow.Send("\r");
  slow.Send("\n");
  EXPECT_THAT(slow.ReadAll(), StartsWith("HTTP/1.1 200"));
}

TEST_F(MonitoringPort, AnswersOneWhoHasEndedSending) {
  RawConnection raw(port_);
  raw.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  raw.EndSending();
  EXPECT_THAT(raw.ReadAll(), HasSubstr("alive\n"));
}

TEST_F(MonitoringPort, AnswersAHeadWithoutABody) {
  const std::string answer =
      Answer("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, Not(HasSubstr("alive")));
}

TEST_F(MonitoringPort, ShowsNothingToWhatIsNotHttp) {
  for (const std::string& request :
       {std::string("\r\n\r\n"), std::string("nonsense\r\n\r\n"),
        std::string("GET /metrics\r\n\r\n"), std::string("\0\1\r\n\r\n", 6),
        std::string(20'000, 'x')}) {
    EXPECT_EQ(Answer(request).find("bootseal_"), std::string::npos);
  }
  EXPECT_EQ(Fetch(server_, "/healthz").status, 200);
}

// What the process holds.
struct Holdings {
  long files = 0;
  long threads = 0;
  long kib = 0;
};

Holdings HoldingsOf(pid_t pid) {
  const std::string home = absl::StrCat("/proc/", pid);
  const auto count = [&home](const char* folder) {
    return std::distance(std::filesystem::directory_iterator(home + folder),
                         {});
  };
  Holdings held{count("/fd"), count("/task")};
  std::ifstream status(home + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> held.kib;
  }
  return held;
}

TEST_F(MonitoringPort, EndsAnAnswerThatNobodyReads) {
  const pid_t server = server_.process().pid();
  long files = HoldingsOf(server).files;
  // Whoever was answered before this test may be about to be closed.
  for (int i = 0; i < 50; ++i) {
    usleep(10'000);
    files = std::min(files, HoldingsOf(server).files);
  }
  RawConnection deaf(port_, "127.0.0.2", kSmallWindow);
  deaf.Send(absl::StrCat(kPart, "\r\n"));
  const auto begun = Steady::now();
  EXPECT_EQ(Fetch(server_, "/healthz").status, 200);
  EXPECT_GT(HoldingsOf(server).files, files);
  while (HoldingsOf(server).files > files &&
         Steady::now() - begun < std::chrono::seconds(20)) {
  }
  EXPECT_GE(Steady::now() - begun, std::chrono::seconds(2));
  EXPECT_LT(Steady::now() - begun, std::chrono::seconds(15));
  EXPECT_EQ(deaf.ReadAll().find("process_threads "), std::string::npos);
}

// Someone who holds as many connections as there may be, and makes new ones as
// fast as they are taken away.
class Stranger {
 public:
  // What one connection does at first, and then again and again.
  using Act = std::function<void(RawConnection&)>;

  Stranger(int port, const char* from, int window, Act begin, Act go_on)
      : port_(port), from_(from), window_(window) {
    while (held_.size() < kHeld) Open(begin);
    thread_ = std::thread([this, begin, go_on] {
      while (!ending_) {
        Open(begin);
        held_.erase(held_.begin());
        for (const auto& each : held_) go_on(*each);
        ++rounds_;
      }
    });
  }
  ~Stranger() {
    ending_ = true;
    thread_.join();
  }
  int rounds() const { return rounds_; }

 private:
  static constexpr std::size_t kHeld = 100;

  void Open(const Act& begin) {
    held_.push_back(std::make_unique<RawConnection>(port_, from_, window_));
    begin(*held_.back());
  }

  const int port_;
  const char* const from_;
  const int window_;
  std::vector<std::unique_ptr<RawConnection>> held_;
  std::atomic<bool> ending_ = false;
  std::atomic<int> rounds_ = 0;
  std::thread thread_;
};

struct Way {
  const char* name;
  bool heard;
  int window;
  Stranger::Act begin;
  Stranger::Act go_on;
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

const Way kWays[] = {
    {"Idle", false, 0, [](RawConnection&) {}, [](RawConnection&) {}},
    {"Trickling", true, 0, [](RawConnection& each) { each.Send(kPart); },
     [](RawConnection& each) { each.Send("X"); }},
    {"Deaf", true, kSmallWindow,
     [](RawConnection& each) { each.Send(absl::StrCat(kPart, "\r\n")); },
     [](RawConnection&) {}},
};

class Strangers
    : public MonitoringPort,
      public testing::WithParamInterface<std::tuple<Way, const char*>> {
 protected:
  // The longest of a second's probes, each of which is answered.
  std::chrono::milliseconds SlowestProbe() {
    Steady::duration slowest{};
    const auto end = Steady::now() + std::chrono::seconds(1);
    while (Steady::now() < end) {
      for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
        const auto begun = Steady::now();
        EXPECT_EQ(Fetch(server_, path).status, 200) << path;
        slowest = std::max(slowest, Steady::now() - begun);
      }
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(slowest);
  }
};

TEST_P(Strangers, HoldUpNoProbe) {
  const auto& [way, from] = GetParam();
  const Holdings before = HoldingsOf(server_.process().pid());
  const double evicted = Evicted();
  const Stranger stranger(port_, from, way.window, way.begin, way.go_on);
  const auto slowest = SlowestProbe();
  const Holdings during = HoldingsOf(server_.process().pid());
  EXPECT_LT(slowest, kMostForProbe);
  EXPECT_GT(stranger.rounds(), 10);
  // The system keeps those who say nothing.
  EXPECT_GE(Evicted() - evicted, way.heard ? 60 : 0);
  EXPECT_LE(during.files, before.files + 33);
  // gRPC's own come and go.
  EXPECT_LE(during.threads, before.threads + 4);
  EXPECT_LT(during.kib, before.kib + (8 << 10));
  RecordProperty("slowest_ms", static_cast<int>(slowest.count()));
}

INSTANTIATE_TEST_SUITE_P(All, Strangers,
                         testing::Combine(testing::ValuesIn(kWays),
                                          Values("127.0.0.2", "127.0.0.1")),
                         [](const auto& made) {
                           return absl::StrCat(std::get<0>(made.param).name,
                                               std::string(std::get<1>(
                                                   made.param)) == "127.0.0.1"
                                                   ? "AtHome"
                                                   : "Elsewhere");
                         });

TEST_F(MonitoringPort, TakesThePlacesOfThoseWhoHaveTheMost) {
  const double evicted = Evicted();
  RawConnection honest(port_, "127.0.0.3");
  ASSERT_TRUE(honest.Send(kPart));
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(std::make_unique<RawConnection>(port_, "127.0.0.2"));
    ASSERT_TRUE(idle.back()->Send("G"));
  }
  // All were looked at, and the oldest of them lost theirs.
  EXPECT_EQ(idle.front()->ReadAll(), "");
  EXPECT_TRUE(Reaches(server_, kEvicted, evicted + 200 + 1 - 32));
  ASSERT_TRUE(honest.Send("\r\n"));
  EXPECT_THAT(honest.ReadAll(), HasSubstr("bootseal_ready 1"));
}

TEST_F(MonitoringPort, EvictsNobodyWhileThereIsRoom) {
  const double evicted = Evicted();
  std::vector<std::unique_ptr<RawConnection>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<RawConnection>(port_, "127.0.0.2"));
    ASSERT_TRUE(idle.back()->Send("G"));
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(Fetch(server_, "/healthz").status, 200);
  }
  EXPECT_EQ(Evicted(), evicted);
}

}  // namespace
}  // namespace bootseal::tests
