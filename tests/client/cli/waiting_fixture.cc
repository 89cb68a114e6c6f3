#include "tests/client/cli/waiting_fixture.h"

#include <grpcpp/client_context.h>

#include <chrono>
#include <thread>

#include "absl/time/clock.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "client/approval/pending.h"
#include "client/approval/statement.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {

v1::ApprovalRequest WaitingTest::Waiting() const {
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

void WaitingTest::Say(const v1::ApprovalRequest& request,
                      const TestApprover& approver, v1::Verdict verdict) const {
  const auto pending = approval::ReadPending(request.pending());
  ASSERT_OK(pending);
  approval::Words words;
  words.verdict = verdict;
  words.reason = "because";
  words.approver = approver.name();
  words.now = absl::Now();
  words.origin = request.origin();
  words.policy_sha256 = request.policy_sha256();
  const auto statement = approval::MakeStatement(*pending, words);
  ASSERT_OK(statement);
  v1::SubmitApprovalRequest submitted;
  *submitted.mutable_envelope() = approver.Sign(*statement);
  grpc::ClientContext context;
  v1::SubmitApprovalReply reply;
  EXPECT_OK(FromRpc(v1::ApprovalService::NewStub(server_.Channel("auditor"))
                        ->SubmitApproval(&context, submitted, &reply)));
}

void WaitingTest::AddApprover(const TestApprover& approver) {
  server_.AddPerson(approver.name(), "release-manager")
      .add_approver_keys()
      ->set_public_key(approver.public_key());
}

}  // namespace bootseal::tests
