// Requests that wait for people, or waited, as ApprovalService shows them to
// one caller.
#ifndef BOOTSEAL_SERVER_APPROVAL_REQUESTS_H_
#define BOOTSEAL_SERVER_APPROVAL_REQUESTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/approvals.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/store.h"
#include "server/environment.h"
#include "server/policy_in_force.h"
#include "server/trust/quorum.h"

namespace bootseal::server {

// What a request that waits must be approved as, by the policy now; by nobody
// when the policy does not have its target any more. `last_release` is that of
// its target.
trust::Matter MatterNow(const trust::Policy& policy, const std::string& origin,
                        const trust::Recorded& pending,
                        const v1::SigningEvent* last_release);

// Not thread-safe; for one call.
class ApprovalRequests {
 public:
  // Must outlive it.
  ApprovalRequests(const Environment& environment, const PolicyInForce& policy,
                   const v1::Caller& caller)
      : environment_(environment), policy_(policy), caller_(caller) {}

  // The request that entry `index` made wait. NOT_FOUND (UNKNOWN_REQUEST) when
  // there is none, and for one that the caller neither asked for, stands
  // behind, may approve, nor may read in the log.
  absl::StatusOr<v1::ApprovalRequest> Describe(const std::string& subject,
                                               std::uint64_t index) const;
  // The newest with this subject.
  absl::StatusOr<v1::ApprovalRequest> Newest(const std::string& subject) const;
  // By subject, the first digits of it, or request id. INVALID_ARGUMENT
  // (REQUEST_AMBIGUOUS, REQUEST_MISSING).
  absl::StatusOr<v1::ApprovalRequest> Find(
      const v1::GetRequestRequest& request) const;
  absl::StatusOr<v1::ListRequestsReply> List(
      const v1::ListRequestsRequest& request) const;

 private:
  bool MaySee(const trust::Recorded& pending,
              const trust::Matter& matter) const;
  absl::StatusOr<std::vector<PendingRequest>> Candidates(
      const v1::ListRequestsRequest& request) const;
  absl::StatusOr<v1::ApprovalRequest> FindById(const std::string& id) const;
  std::int64_t Now() const;

  const Environment& environment_;
  const PolicyInForce& policy_;
  const v1::Caller& caller_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_APPROVAL_REQUESTS_H_
