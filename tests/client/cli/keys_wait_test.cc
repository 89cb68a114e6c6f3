// bootseal keys activate for a policy whose keys people must approve.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "server/trust/entry.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

class KeysWait : public OnlineTest {
 protected:
  KeysWait() {
    server_.AddPerson("alice", "release-manager")
        .add_approver_keys()
        ->set_public_key(alice_.public_key());
    v1::Role& role = *server_.policy().add_roles();
    role.set_name("key-admin");
    role.add_members("ci");
    role.add_permissions(v1::MANAGE_KEYS);
    v1::KeyApprovals& approvals = *server_.policy().mutable_key_approvals();
    approvals.set_approvals(1);
    approvals.add_approvers("release-manager");
    server_.Start();
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

  void Say(const v1::ApprovalRequest& request, v1::Verdict verdict) {
    const auto entry = trust::DecodeEntry(request.pending().entry());
    ASSERT_OK(entry);
    v1::ApprovalStatement statement;
    statement.set_origin(request.origin());
    statement.set_requester(entry->caller().identity());
    statement.set_subject_sha256(entry->key().subject_sha256());
    *statement.mutable_key_change() = entry->key().change();
    statement.set_policy_sha256(request.policy_sha256());
    statement.set_nonce(std::string(16, 'n'));
    const std::int64_t now = absl::ToUnixMillis(absl::Now());
    statement.set_not_before_unix_ms(now);
    statement.set_not_after_unix_ms(now + 600'000);
    statement.set_verdict(verdict);
    statement.set_reason("because");
    v1::SubmitApprovalRequest submitted;
    *submitted.mutable_envelope() = alice_.Sign(statement);
    grpc::ClientContext context;
    v1::SubmitApprovalReply reply;
    EXPECT_OK(FromRpc(v1::ApprovalService::NewStub(server_.Channel("auditor"))
                          ->SubmitApproval(&context, submitted, &reply)));
  }

  const TestApprover alice_{"alice"};
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
  Say(Waiting(), v1::APPROVE);
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
  Say(Waiting(), v1::DENY);
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
