// bootseal keys activate for a policy whose keys people must approve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/client/cli/waiting_fixture.h"
#include "tests/support/key_ceremony.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

class KeysWait : public WaitingTest {
 protected:
  KeysWait() {
    AddApprover(alice_);
    DemandKeyApprovals(server_.policy(), "ci", "release-manager", 1);
    server_.Start();
  }
};

TEST_F(KeysWait, EndsWithStatus3WithoutOne) {
  const Outcome outcome = Bootseal("ci", {"keys", "activate", "app"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals show "));
}

TEST_F(KeysWait, SaysWhoApprovedAndFinishes) {
  Outcome outcome;
  std::thread client([&] {
    outcome = Bootseal("ci", {"keys", "activate", "app", "--wait", "1m"});
  });
  Say(Waiting(), alice_, v1::APPROVE);
  client.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals approve "));
  EXPECT_THAT(outcome.err, HasSubstr("approved by alice (1 of 1)"));
}

TEST_F(KeysWait, IsTakenFromTheEnvironmentToo) {
  const Outcome outcome =
      Bootseal("ci", {"keys", "activate", "app"}, {{"BOOTSEAL_WAIT", "1s"}});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("for at most 1s"));
}

TEST_F(KeysWait, EndsWithADenial) {
  Outcome outcome;
  std::thread client([&] {
    outcome = Bootseal("ci", {"keys", "activate", "app", "--wait", "1m"});
  });
  Say(Waiting(), alice_, v1::DENY);
  client.join();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("REQUEST_DENIED"));
}

TEST_F(KeysWait, TellsTheRequestWhenItIsInterrupted) {
  Environment environment = server_.ClientEnvironment("ci");
  environment["XDG_STATE_HOME"] = state_.path();
  Background client(
      {BOOTSEAL_PROGRAM, "keys", "activate", "app", "--wait", "1m"},
      environment, File("client.log"));
  ASSERT_TRUE(Waiting().has_pending());
  for (int i = 0; i < 500; ++i) {
    if (Read("client.log").find("waits for approvals") != std::string::npos) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  client.Signal(SIGINT);
  EXPECT_EQ(client.Wait(std::chrono::seconds(10)), 128 + SIGINT);
  EXPECT_THAT(Read("client.log"), HasSubstr("goes on waiting"));
  EXPECT_THAT(Read("client.log"), HasSubstr("the same command later"));
}

}  // namespace
}  // namespace bootseal::tests
