// An approver's word on its way into the log.
#ifndef BOOTSEAL_SERVER_APPROVAL_SUBMISSION_H_
#define BOOTSEAL_SERVER_APPROVAL_SUBMISSION_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/approval.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/log.h"
#include "server/audit/standing.h"
#include "server/environment.h"
#include "server/policy_in_force.h"

namespace bootseal::server {

// Not thread-safe; one envelope each. Who carries it does not matter: the
// signature does.
class ApprovalSubmission {
 public:
  // `environment` must outlive it.
  ApprovalSubmission(const Environment& environment,
                     std::shared_ptr<const PolicyInForce> policy,
                     v1::Caller carrier, v1::DsseEnvelope envelope);

  // Judged, and once more inside the log's transaction; then durable. Errors:
  // trust::CheckApproval's; NOT_FOUND (UNKNOWN_REQUEST);
  // FAILED_PRECONDITION: NOT_WAITING (it is over), POLICY_DIFFERS,
  // ALREADY_APPROVED; ALREADY_EXISTS (APPROVAL_REPLAYED); PERMISSION_DENIED
  // (REQUEST_DENIED).
  absl::StatusOr<audit::Receipt> Append();

  // What it says it is about; empty when it cannot be read.
  const std::string& subject() const { return subject_; }
  const std::string& target() const { return target_; }

 private:
  // The event to record, by what the log says.
  absl::StatusOr<v1::ApprovalEvent> Judge(
      const trust::History& history,
      const v1::SigningEvent* last_release) const;
  absl::StatusOr<v1::ApprovalEvent> JudgeNow() const;
  absl::Status Recheck(const audit::Standing& standing) const;

  const Environment& environment_;
  const std::shared_ptr<const PolicyInForce> policy_;
  const v1::Caller carrier_;
  const v1::DsseEnvelope envelope_;
  std::string subject_;
  std::string target_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_APPROVAL_SUBMISSION_H_
