// Changes of a policy's keys on their way from the question to the approvals.
#ifndef BOOTSEAL_TESTS_SERVER_KEY_CHANGES_H_
#define BOOTSEAL_TESTS_SERVER_KEY_CHANGES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/approval.pb.h"
#include "bootseal/v1/approvals.pb.h"
#include "bootseal/v1/keys.pb.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {

absl::StatusOr<v1::ChangeKeyReply> ChangeKey(const ServerFixture& server,
                                             const std::string& caller,
                                             const v1::ChangeKeyRequest& asked);

// What waits because of that, as "developer" sees it; fails the test without.
v1::ApprovalRequest WaitingFor(const ServerFixture& server,
                               const v1::ChangeKeyReply& waiting);

// What an approver's client makes of it; it counts for an hour.
v1::ApprovalStatement KeyStatementFor(const v1::ApprovalRequest& request);

// "developer" hands it in, whoever signed it.
absl::Status SubmitApproval(const ServerFixture& server,
                            const v1::DsseEnvelope& envelope);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_KEY_CHANGES_H_
