// bootseal sign for a target that people must approve.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "client/cli/people_wait.h"
#include "server/trust/entry.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class Wait : public OnlineTest {
 protected:
  Wait() {
    for (const TestApprover* each : {&alice_, &bob_}) {
      server_.AddPerson(each->name(), "release-manager")
          .add_approver_keys()
          ->set_public_key(each->public_key());
    }
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

  // The one request that waits; empty when there is none within ten seconds.
  v1::ApprovalRequest Waiting() const {
    const auto stub = v1::ApprovalService::NewStub(server_.Channel("auditor"));
    v1::ListRequestsReply reply;
    for (int i = 0; i < 500 && reply.requests().empty(); ++i) {
      grpc::ClientContext context;
      EXPECT_TRUE(
          stub->ListRequests(&context, v1::ListRequestsRequest(), &reply).ok());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return reply.requests().empty() ? v1::ApprovalRequest() : reply.requests(0);
  }

  void Say(const v1::ApprovalRequest& request, const TestApprover& approver,
           v1::Verdict verdict) {
    const auto entry = trust::DecodeEntry(request.pending().entry());
    ASSERT_OK(entry);
    v1::ApprovalStatement statement;
    statement.set_origin(request.origin());
    statement.set_target(entry->signing().target());
    statement.set_requester(entry->caller().identity());
    statement.set_subject_sha256(entry->signing().subject_sha256());
    statement.set_payload_sha256(entry->signing().payload_sha256());
    statement.set_version(entry->signing().version());
    statement.set_policy_sha256(request.policy_sha256());
    statement.set_nonce(std::string(16, approver.name().front()));
    const std::int64_t now = absl::ToUnixMillis(absl::Now());
    statement.set_not_before_unix_ms(now);
    statement.set_not_after_unix_ms(now + 600'000);
    statement.set_verdict(verdict);
    statement.set_reason("because");
    v1::SubmitApprovalRequest submitted;
    *submitted.mutable_envelope() = approver.Sign(statement);
    grpc::ClientContext context;
    v1::SubmitApprovalReply reply;
    EXPECT_OK(FromRpc(v1::ApprovalService::NewStub(server_.Channel("auditor"))
                          ->SubmitApproval(&context, submitted, &reply)));
  }

  const TestApprover alice_{"alice"};
  const TestApprover bob_{"bob"};
};

TEST_F(Wait, EndsWithStatus3AndSaysWhatApproversRun) {
  const Outcome outcome = Bootseal("ci", Command());
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("APPROVALS_REQUIRED"));
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals approve "));
  EXPECT_THAT(Files(), Not(Contains("image.bin")));
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
