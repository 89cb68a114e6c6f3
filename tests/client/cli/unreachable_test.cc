// Servers that do not answer as they should: what is said, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>

#include "tests/client/cli/online_fixture.h"

namespace bootseal::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using UnreachableTest = OnlineTest;

// Every line on standard error is an object of ours.
void ExpectOurJson(const Outcome& outcome) {
  std::string rest = outcome.err;
  ASSERT_FALSE(rest.empty());
  while (!rest.empty()) {
    EXPECT_THAT(rest, testing::AnyOf(StartsWith("{\"error\":{"),
                                     StartsWith("{\"warning\":{")));
    rest.erase(0, rest.find('\n') + 1);
  }
}

TEST_F(UnreachableTest, AServerThatHangsGivesNoAnswer) {
  server_.Start();
  server_.process().Signal(SIGSTOP);
  const Outcome outcome = Sign("ci", {"--timeout", "1"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("bootseal: NO_ANSWER: no answer from " +
                                     server_.address() + " within 1s"));
  EXPECT_THAT(outcome.err, HasSubstr("hint: "));
  EXPECT_THAT(Files(), ElementsAre("app.bin"));
  server_.process().Signal(SIGCONT);
}

TEST_F(UnreachableTest, ThatWeTryAgainIsSaid) {
  const Environment nobody{{"BOOTSEAL_SERVER", "127.0.0.1:1"}};
  const Outcome outcome = Sign("ci", {"--timeout", "1"}, nobody);
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, StartsWith("bootseal: SERVER_UNREACHABLE: cannot "
                                      "connect to 127.0.0.1:1: "));
  EXPECT_THAT(outcome.err, HasSubstr("; trying again for up to 1s\n"));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2)
      << outcome.err;
  const Outcome json = Sign("ci", {"--json", "--timeout", "0.5"}, nobody);
  EXPECT_EQ(json.exit_code, 4);
  ExpectOurJson(json);
  EXPECT_THAT(json.err, HasSubstr("\"reason\":\"SERVER_UNREACHABLE\""));
}

// gRPC has much to say about it.
TEST_F(UnreachableTest, AWrongCaIsSaidInOurWordsAlone) {
  server_.Start();
  Write("other-ca.pem", server_.other_ca_pem());
  const std::vector<std::string> arguments{"--json", "targets", "list", "--ca",
                                           File("other-ca.pem")};
  const Outcome outcome = Bootseal("ci", arguments);
  EXPECT_EQ(outcome.exit_code, 4);
  ExpectOurJson(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("HANDSHAKE_FAILED"));
  const Outcome loud = Bootseal("ci", arguments, {{"GRPC_VERBOSITY", "ERROR"}});
  EXPECT_THAT(loud.err, HasSubstr("ssl_transport_security"));
}

// It was reached, and it refuses.
TEST_F(UnreachableTest, AServerWhoseLogStoppedRefuses) {
  server_.Start();
  ASSERT_EQ(Sign("ci", {"-o", File("before")}).exit_code, 0);
  struct stat wal {};
  ASSERT_EQ(stat(server_.folder().File("log.sqlite-wal").c_str(), &wal), 0);
  const rlimit full{static_cast<rlim_t>(wal.st_size),
                    static_cast<rlim_t>(wal.st_size)};
  ASSERT_EQ(prlimit(server_.process().pid(), RLIMIT_FSIZE, &full, nullptr), 0);
  Sign("ci", {"--timeout", "1"});
  const Outcome outcome = Sign("ci", {"--timeout", "1"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, StartsWith("bootseal: LOG_STOPPED: "));
  EXPECT_THAT(outcome.err, HasSubstr("trying again for up to 1s"));
  EXPECT_THAT(outcome.err, HasSubstr("hint: "));
  EXPECT_THAT(Files(), ElementsAre("app.bin", "before"));
}

}  // namespace
}  // namespace bootseal::tests
