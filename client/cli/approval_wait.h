// Asking for a signature that people may have to approve first, and waiting for
// them.
#ifndef BOOTSEAL_CLIENT_CLI_APPROVAL_WAIT_H_
#define BOOTSEAL_CLIENT_CLI_APPROVAL_WAIT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/acceptance.h"
#include "client/cli/connection.h"

namespace bootseal::cli {

// One attempt, safe to repeat: the same request each time. It takes no longer
// than `most`, if its own limit is later or never.
using AskForReply =
    std::function<absl::StatusOr<v1::SignReply>(absl::Duration most)>;

// As `ask`. When the request waits for approvals, waits for them (AwaitPeople)
// and asks again once enough have; a denial ends it, and so does any failure
// that no time mends (MayPassMeanwhile). After `wait`, or at once when that is
// zero, FAILED_PRECONDITION (APPROVALS_REQUIRED) with the id, what approvers
// run, and why the last question had no answer, if it had none.
absl::StatusOr<v1::SignReply> AskUntilApproved(const Connection& connection,
                                               const AskForReply& ask,
                                               absl::Duration wait);

// The same with RequestSignature; `limit` is for each upload, which ends with
// `wait` too.
absl::StatusOr<v1::SignReply> RequestApprovedSignature(
    const Connection& connection, const Order& order, absl::Duration limit,
    absl::Duration wait);

// The id by which people name a request: the first digits of its subject. Empty
// when the status is not APPROVALS_REQUIRED.
std::string ApprovalIdOf(const absl::Status& status);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_APPROVAL_WAIT_H_
