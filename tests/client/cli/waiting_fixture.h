// Programs that wait for people, and the people, who speak to the server.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_WAITING_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_WAITING_FIXTURE_H_

#include "bootseal/v1/approval.pb.h"
#include "bootseal/v1/approvals.pb.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/test_approver.h"

namespace bootseal::tests {

class WaitingTest : public OnlineTest {
 protected:
  // The one request that waits; empty when there is none within ten seconds.
  v1::ApprovalRequest Waiting() const;
  // The approver's signed word, which the server must take.
  void Say(const v1::ApprovalRequest& request, const TestApprover& approver,
           v1::Verdict verdict) const;
  // A release manager of the policy.
  void AddApprover(const TestApprover& approver);

  const TestApprover alice_{"alice"};
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_WAITING_FIXTURE_H_
