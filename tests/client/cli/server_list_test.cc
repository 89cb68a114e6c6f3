// `bootseal` with a list of servers: real replicas on one log, some of them
// gone, silent, strangers or behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/replicas.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

// Nothing listens on port 1.
constexpr char kNobody[] = "127.0.0.1:1";

class ServerListTest : public testing::Test {
 protected:
  ServerListTest() {
    std::ofstream(folder_.File("app.bin"), std::ios::binary)
        << TestPayload(5000);
    replicas_.StartAll();
  }

  Outcome Bootseal(const std::string& servers,
                   std::vector<std::string> arguments,
                   const std::string& caller = "ci") {
    Environment environment = replicas_.ClientEnvironment(caller);
    environment["BOOTSEAL_SERVER"] = servers;
    environment["BOOTSEAL_STATE"] = folder_.File("state");
    environment["XDG_CONFIG_HOME"] = folder_.path();
    arguments.insert(arguments.begin(), BOOTSEAL_PROGRAM);
    return tests::Run(arguments, environment);
  }
  Outcome Sign(const std::string& servers) {
    return Bootseal(servers, {"sign", "--target", "app", "--version", "1", "-o",
                              folder_.File("out"), folder_.File("app.bin")});
  }
  std::string List(const std::vector<std::string>& servers) {
    std::string list;
    for (const std::string& each : servers) {
      absl::StrAppend(&list, list.empty() ? "" : ",", each);
    }
    return list;
  }

  TemporaryFolder folder_;
  PostgresCluster cluster_;
  ServerFixture fixture_;
  Replicas replicas_{fixture_, cluster_, 2};
};

// Each run begins at a random one: many runs meet both.
TEST_F(ServerListTest, GoesToTheNextServerAtOnceAndWithoutAWord) {
  const std::string servers = List({kNobody, replicas_.address(0)});
  for (int i = 0; i < 6; ++i) {
    const Outcome outcome = Sign(servers);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, Not(HasSubstr("trying again")));
  }
}

TEST_F(ServerListTest, StartsAtARandomServer) {
  replicas_.process(0).Signal(SIGSTOP);
  int slow = 0;
  int quick = 0;
  // Of fair coins, once in 2^39 times all are the same.
  for (int i = 0; i < 40 && (slow == 0 || quick == 0); ++i) {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(Bootseal(replicas_.addresses(), {"targets", "list"}).exit_code,
              0);
    // Those that met the silent one first.
    const bool waited =
        std::chrono::steady_clock::now() - start > std::chrono::seconds(2);
    ++(waited ? slow : quick);
  }
  replicas_.process(0).Signal(SIGCONT);
  EXPECT_GT(slow, 0);
  EXPECT_GT(quick, 0);
}

TEST_F(ServerListTest, TakesTheOptionSeveralTimes) {
  const Outcome outcome =
      Bootseal("", {"--server", kNobody, "--server", replicas_.address(1),
                    "targets", "list"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(ServerListTest, TakesAListFromTheSettingsFile) {
  std::ofstream(folder_.File("list"))
      << "server = " << kNobody << ", " << replicas_.address(0) << "\n";
  const Outcome outcome =
      Bootseal("", {"--config", folder_.File("list"), "targets", "list"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(ServerListTest, NamesEachServerWhenNoneAnswers) {
  const Outcome outcome =
      Bootseal("127.0.0.1:1,nowhere.invalid:8443",
               {"sign", "--timeout", "0.5", "--target", "app", "--version", "1",
                "-o", folder_.File("out"), folder_.File("app.bin")});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("none of 2 servers answers"));
  EXPECT_THAT(outcome.err,
              HasSubstr("127.0.0.1:1: SERVER_UNREACHABLE: cannot connect"));
  EXPECT_THAT(outcome.err,
              HasSubstr("nowhere.invalid:8443: SERVER_UNKNOWN: cannot find"));
}

TEST_F(ServerListTest, RefusesAListWithSomethingElseInIt) {
  for (const char* list : {"127.0.0.1:1,", ",", "127.0.0.1:1,nonsense",
                           "127.0.0.1:1;127.0.0.1:2"}) {
    const Outcome outcome = Bootseal(list, {"targets", "list"});
    EXPECT_EQ(outcome.exit_code, 2) << list;
    EXPECT_THAT(outcome.err, HasSubstr("SERVER_INVALID")) << list;
  }
}

TEST_F(ServerListTest, PassesAServerWhoseCertificateIsNotItsName) {
  // It answers, and is not whom the list names.
  const std::string stranger =
      "localhost" + replicas_.address(0).substr(replicas_.address(0).find(':'));
  for (int i = 0; i < 4; ++i) {
    const Outcome outcome = Sign(List({stranger, replicas_.address(1)}));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  const Outcome alone = Sign(stranger);
  EXPECT_EQ(alone.exit_code, 4);
  EXPECT_THAT(alone.err, HasSubstr("HANDSHAKE_FAILED"));
  EXPECT_THAT(alone.err, Not(HasSubstr("trying again")));
}

TEST_F(ServerListTest, GetsPastAServerThatIsSilent) {
  replicas_.process(0).Signal(SIGSTOP);
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = Sign(replicas_.addresses());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_LT(std::chrono::steady_clock::now() - start,
              std::chrono::seconds(20));
  }
  replicas_.process(0).Signal(SIGCONT);
}

TEST_F(ServerListTest, IsRefusedByOneServerForAll) {
  const Outcome outcome =
      Bootseal(replicas_.addresses(),
               {"sign", "--target", "none", "--version", "1", "-o",
                folder_.File("out"), folder_.File("app.bin")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("UNKNOWN_TARGET"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("none of")));
}

TEST_F(ServerListTest, HoldsAllServersToOneLog) {
  for (int i = 0; i < 8; ++i) {
    const Outcome outcome =
        Sign(replicas_.address(static_cast<std::size_t>(i % 2)));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
}

// A stranger in the list, with the right key and a log of its own.
TEST_F(ServerListTest, RefusesAServerThatShowsAnotherLog) {
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(Sign(replicas_.address(0)).exit_code, 0);
  fixture_.Start();
  const Outcome outcome = Sign(fixture_.address());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("LOG_WENT_BACK"));
  for (int i = 0; i < 12; ++i) Sign(fixture_.address());
  const Outcome grown = Sign(fixture_.address());
  EXPECT_EQ(grown.exit_code, 1);
  EXPECT_THAT(grown.err, HasSubstr("LOG_INCONSISTENT"));
  EXPECT_EQ(Sign(replicas_.address(1)).exit_code, 0);
}

TEST_F(ServerListTest, WaitsForTheDatabaseToComeBack) {
  cluster_.Stop();
  Environment environment = replicas_.ClientEnvironment("ci");
  environment["BOOTSEAL_STATE"] = folder_.File("state");
  Background sign({BOOTSEAL_PROGRAM, "sign", "--target", "app", "--version",
                   "1", "-o", folder_.File("out"), folder_.File("app.bin")},
                  environment, folder_.File("sign.log"));
  EXPECT_EQ(sign.Wait(std::chrono::seconds(2)), -1);
  cluster_.Start();
  EXPECT_EQ(sign.Wait(std::chrono::seconds(30)), 0);
}

}  // namespace
}  // namespace bootseal::tests
