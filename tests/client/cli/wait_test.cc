// bootseal sign for a target that people must approve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <thread>

#include "client/cli/people_wait.h"
#include "tests/client/cli/waiting_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class Wait : public WaitingTest {
 protected:
  Wait() {
    AddApprover(alice_);
    AddApprover(bob_);
    v1::Target& guarded = server_.AddTarget("guarded", "app");
    guarded.set_approvals(2);
    guarded.add_approvers("release-manager");
    Write("app.bin", Payload(5000));
    server_.Start();
  }

  std::vector<std::string> Command(
      const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{
        "sign",  "--target", "guarded",         "--version",
        "1.2.3", "-o",       File("image.bin"), File("app.bin")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::vector<std::string> Imgtool() const {
    return {"imgtool",
            "sign",
            "-k",
            "bootseal:guarded",
            "-v",
            "1.2.3",
            "--pad-header",
            File("app.bin"),
            File("image.bin")};
  }

  const TestApprover bob_{"bob"};
};

TEST_F(Wait, EndsWithStatus3AndSaysWhatApproversRun) {
  const Outcome outcome = Bootseal("ci", Command());
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("APPROVALS_REQUIRED"));
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals approve "));
  EXPECT_THAT(Files(), Not(Contains("image.bin")));
}

TEST_F(Wait, IsFoundByItsIdThoughThatLooksLikeAnothersDigits) {
  ASSERT_EQ(Bootseal("ci", Command({"--request-id", "deadbeef"})).exit_code, 3);
  const Outcome found =
      Bootseal("auditor", {"approvals", "show", "id:deadbeef"});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_THAT(found.out, HasSubstr("guarded"));
  EXPECT_EQ(Bootseal("auditor", {"approvals", "show", "deadbeef"}).exit_code,
            1);
}

TEST_F(Wait, GivesTheImageToTheSameCommandLater) {
  ASSERT_EQ(Bootseal("ci", Command()).exit_code, 3);
  const v1::ApprovalRequest request = Waiting();
  Say(request, alice_, v1::APPROVE);
  EXPECT_EQ(Bootseal("ci", Command()).exit_code, 3);
  Say(request, bob_, v1::APPROVE);
  const Outcome outcome = Bootseal("ci", Command());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string image = Read("image.bin");
  const Outcome again = Bootseal("ci", Command());
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(Read("image.bin"), image);
}

TEST_F(Wait, FinishesOnceEnoughHaveApproved) {
  Outcome outcome;
  std::thread client([&] {
    outcome = Bootseal("ci", Command({"--wait", "1m"}));
  });
  const v1::ApprovalRequest request = Waiting();
  EXPECT_TRUE(request.has_pending());
  Say(request, alice_, v1::APPROVE);
  Say(request, bob_, v1::APPROVE);
  client.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("waits for approvals, 0 of 2"));
  EXPECT_THAT(outcome.err, HasSubstr("alice, bob (2 of 2)"));
  EXPECT_THAT(Files(), Contains("image.bin"));
}

TEST_F(Wait, EndsWithADenialAndSaysWhose) {
  Outcome outcome;
  std::thread client([&] {
    outcome = Bootseal("ci", Command({"--wait", "1m"}));
  });
  Say(Waiting(), alice_, v1::DENY);
  client.join();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("REQUEST_DENIED"));
  EXPECT_THAT(outcome.err, HasSubstr("alice denied it"));
  EXPECT_THAT(outcome.err, HasSubstr("because"));
  EXPECT_THAT(Files(), Not(Contains("image.bin")));
}

TEST_F(Wait, EndsWithStatus3WhenItsTimeIsOver) {
  const Outcome outcome = Bootseal("ci", Command({"--wait", "1s"}));
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals approve "));
}

TEST_F(Wait, TellsTheRequestWhenItIsInterrupted) {
  Environment environment = server_.ClientEnvironment("ci");
  environment["XDG_STATE_HOME"] = state_.path();
  std::vector<std::string> arguments{BOOTSEAL_PROGRAM};
  for (const std::string& each : Command({"--wait", "1m"})) {
    arguments.push_back(each);
  }
  Background client(arguments, environment, File("client.log"));
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
}

TEST_F(Wait, IsTakenFromTheEnvironmentToo) {
  Outcome outcome;
  std::thread client([&] {
    outcome = Bootseal("ci", Command(), {{"BOOTSEAL_WAIT", "1m"}});
  });
  const v1::ApprovalRequest request = Waiting();
  Say(request, alice_, v1::APPROVE);
  Say(request, bob_, v1::APPROVE);
  client.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(Wait, OfTheEnvironmentIsReadAsTheOptionIsAndGivesWayToIt) {
  const Outcome bad = Bootseal("ci", Command(), {{"BOOTSEAL_WAIT", "soon"}});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("WAIT_INVALID"));
  const Outcome given =
      Bootseal("ci", Command({"--wait", "1s"}), {{"BOOTSEAL_WAIT", "90d"}});
  EXPECT_EQ(given.exit_code, 3) << given.err;
  EXPECT_EQ(Bootseal("ci", Command(), {{"BOOTSEAL_WAIT", ""}}).exit_code, 3);
}

TEST_F(Wait, OfImgtoolEndsWithStatus3AndTheSameCommandLaterGetsTheImage) {
  const Outcome outcome = Bootseal("ci", Imgtool());
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("APPROVALS_REQUIRED"));
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals approve "));
  EXPECT_THAT(outcome.err, HasSubstr("BOOTSEAL_WAIT"));
  EXPECT_THAT(Files(), Not(Contains("image.bin")));
  const v1::ApprovalRequest request = Waiting();
  Say(request, alice_, v1::APPROVE);
  Say(request, bob_, v1::APPROVE);
  const Outcome later = Bootseal("ci", Imgtool());
  EXPECT_EQ(later.exit_code, 0) << later.err;
  EXPECT_THAT(Files(), Contains("image.bin"));
}

TEST_F(Wait, OfImgtoolIsThatOfTheEnvironment) {
  Outcome outcome;
  std::thread client([&] {
    outcome = Bootseal("ci", Imgtool(), {{"BOOTSEAL_WAIT", "1m"}});
  });
  const v1::ApprovalRequest request = Waiting();
  Say(request, alice_, v1::APPROVE);
  Say(request, bob_, v1::APPROVE);
  client.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("waits for approvals, 0 of 2"));
  EXPECT_THAT(Files(), Contains("image.bin"));
}

TEST_F(Wait, OfImgtoolEndsWithADenial) {
  Outcome outcome;
  std::thread client([&] {
    outcome = Bootseal("ci", Imgtool(), {{"BOOTSEAL_WAIT", "1m"}});
  });
  Say(Waiting(), alice_, v1::DENY);
  client.join();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("REQUEST_DENIED"));
}

TEST_F(Wait, OfImgtoolIsRefusedWhenItIsNone) {
  const Outcome outcome = Bootseal("ci", Imgtool(), {{"BOOTSEAL_WAIT", "-5m"}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("WAIT_INVALID"));
}

TEST_F(Wait, RefusesAWaitThatIsNone) {
  for (const char* wait : {"soon", "0", "-5m", "91d", "9999h", ""}) {
    const Outcome outcome = Bootseal("ci", Command({"--wait", wait}));
    EXPECT_EQ(outcome.exit_code, 2) << wait;
  }
}

TEST(ParseWait, TakesDurationsAndSeconds) {
  EXPECT_EQ(*cli::ParseWait("30m"), absl::Minutes(30));
  EXPECT_EQ(*cli::ParseWait("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*cli::ParseWait("90"), absl::Seconds(90));
  EXPECT_FALSE(cli::ParseWait("nan").ok());
  EXPECT_FALSE(cli::ParseWait("inf").ok());
}

}  // namespace
}  // namespace bootseal::tests
