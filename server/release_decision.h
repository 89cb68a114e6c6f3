// The part of a decision that depends on the log: rollback guard and approvals.
// Made before anything is signed, and again inside the transaction that appends
// the release.
#ifndef BOOTSEAL_SERVER_RELEASE_DECISION_H_
#define BOOTSEAL_SERVER_RELEASE_DECISION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "server/audit/log.h"
#include "server/audit/standing.h"
#include "server/denials.h"
#include "server/pending_requests.h"
#include "server/policy_in_force.h"

namespace bootseal::server {

// What an entry of the log that is about approvals tells with its error.
inline constexpr char kApprovalsRequired[] = "APPROVALS_REQUIRED";
// Another call released the same approved request meanwhile.
inline constexpr char kReleasedAlready[] = "RELEASED_ALREADY";

// Facts without a history: those of a target nobody has to approve.
absl::StatusOr<trust::Facts> FactsOf(audit::Log& log, const base::Clock& clock,
                                     const v1::Target& target,
                                     const v1::SigningEvent& asked);

// Not thread-safe; one request each.
class ReleaseDecision {
 public:
  // Must outlive it.
  struct Services {
    audit::Log& log;
    const base::Clock& clock;
    PendingRequests& pending;
    Denials& denials;
    std::uint32_t max_pending_per_identity;
  };

  // An admitted request; `caller` must outlive it. `asked` has target, version,
  // counter, request and payload digest, and the pairs that are signed first.
  ReleaseDecision(const Services& services,
                  std::shared_ptr<const PolicyInForce> policy,
                  const v1::Caller& caller, v1::SigningEvent asked);

  // Reads the log and judges. The log's errors.
  absl::Status Decide();
  const trust::Ruling& ruling() const { return ruling_; }
  const trust::Facts& facts() const { return facts_; }
  const v1::SigningEvent& asked() const { return asked_; }

  // OK when it is ALLOWED; otherwise why not, with rule and details.
  absl::Status ToStatus() const;

  // Appends `entry`, which has the digests of asked() with their preimages, as
  // the request that waits; its index is in ruling() then.
  // False: another call was faster, decide again. RESOURCE_EXHAUSTED
  // (TOO_MANY_PENDING), the log's errors.
  absl::StatusOr<bool> Wait(v1::Entry entry);

  // The check of a release in the log's transaction: OK when the same decision
  // comes of what the log says there. UNAVAILABLE (LOG_CHANGED) when it would
  // be allowed but for other reasons than the entry says; ABORTED
  // (RELEASED_ALREADY); FAILED_PRECONDITION (KEY_RETIRED) when the key serves
  // no more.
  absl::Status CheckRelease(const audit::Standing& standing) const;

  // What the entry says of the approvals.
  void AddTo(v1::SigningEvent& signing) const;

 private:
  // As far as it is known before the log is asked.
  bool IsDenied() const;
  absl::StatusOr<audit::Record> PendingRecord(v1::Entry entry) const;
  absl::Status Changed() const;
  trust::Ruling Judge(const trust::Facts& facts) const;
  absl::Status CheckPending(const audit::Standing& standing) const;
  // Of a release that nobody has to approve.
  absl::Status CheckNotDenied(const audit::Standing& standing) const;
  std::int64_t Now() const;

  const Services services_;
  const std::shared_ptr<const PolicyInForce> policy_;
  const v1::Caller& caller_;
  const v1::SigningEvent asked_;
  const v1::Target& target_;
  // Set once somebody has to approve, or has denied.
  std::string subject_;
  trust::Facts facts_;
  trust::Ruling ruling_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_RELEASE_DECISION_H_
