// A server with a target that needs two people, and people who approve.
#ifndef BOOTSEAL_TESTS_SERVER_APPROVAL_FIXTURE_H_
#define BOOTSEAL_TESTS_SERVER_APPROVAL_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/approvals.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/test_approver.h"

namespace bootseal::tests {

// What an approver's client makes of a request; it counts for an hour.
v1::ApprovalStatement StatementFor(const v1::ApprovalRequest& request);
v1::ApprovalStatement DenialFor(const v1::ApprovalRequest& request,
                                const std::string& reason);

class ApprovalFixture : public ::testing::Test {
 protected:
  // Target "guarded": "ci" and "ci2" ask, two of alice, bob and carol approve.
  ApprovalFixture();

  // Of `caller`, for target "guarded" unless the header says otherwise.
  v1::SignHeader GuardedHeader() const;
  absl::StatusOr<v1::SignReply> Ask(const v1::SignHeader& header,
                                    const std::string& caller = "ci");
  // The request that this made wait; fails the test when it did not.
  v1::ApprovalRequest Waiting(const v1::SignHeader& header,
                              const std::string& caller = "ci");

  absl::StatusOr<v1::ApprovalRequest> Get(const std::string& id,
                                          const std::string& caller) const;
  absl::StatusOr<v1::ListRequestsReply> List(
      const v1::ListRequestsRequest& request, const std::string& caller) const;
  absl::StatusOr<v1::SubmitApprovalReply> Submit(
      const v1::DsseEnvelope& envelope,
      const std::string& caller = "auditor") const;
  // Fails the test when it is refused.
  void Approve(const v1::ApprovalRequest& request,
               const std::vector<const TestApprover*>& approvers) const;

  // The policy as it is now, raised, and in force.
  void Reload();
  v1::Person& PersonNamed(const std::string& name);
  v1::Target& guarded();
  // Entries that wait or waited.
  std::vector<v1::Entry> PendingEntries() const;

  ServerFixture server_;
  const TestApprover alice_{"alice"};
  const TestApprover bob_{"bob"};
  const TestApprover carol_{"carol"};
  std::string payload_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_APPROVAL_FIXTURE_H_
