#include "client/cli/retry.h"

#include <algorithm>
#include <random>

#include "base/status.h"
#include "client/cli/rpc_status.h"

namespace bootseal::cli {

bool WorthRetrying(const absl::Status& status) {
  if (absl::IsUnavailable(status)) {
    return base::ReasonOf(status) != "HANDSHAKE_FAILED";
  }
  return absl::IsResourceExhausted(status) && RetryDelayOf(status).has_value();
}

absl::Duration WaitAfter(const RetryPlan& plan, int failures,
                         const absl::Status& status) {
  absl::Duration wait = plan.first_wait;
  for (int i = 1; i < failures; ++i) {
    wait = std::min(wait * 2, plan.longest_wait);
  }
  std::random_device random;
  const double share = 0.5 + 0.5 * std::generate_canonical<double, 32>(random);
  // On top of what the server told: it tells all that wait the same moment.
  return RetryDelayOf(status).value_or(absl::ZeroDuration()) + wait * share;
}

absl::Status Retry(const RetryPlan& plan,
                   const std::function<absl::Status()>& attempt) {
  absl::Time patient_until;
  for (int failures = 1;; ++failures) {
    const absl::Time start = plan.now();
    absl::Status status = attempt();
    if (status.ok() || !WorthRetrying(status)) return status;
    if (plan.now() - start > plan.patience) failures = 1;
    // Who tells when to come back is there.
    const bool busy = absl::IsResourceExhausted(status);
    if (failures == 1 || busy) patient_until = plan.now() + plan.patience;
    const absl::Time end =
        busy ? plan.deadline : std::min(plan.deadline, patient_until);
    const absl::Duration wait = WaitAfter(plan, failures, status);
    if (plan.now() + wait >= end) return status;
    if (failures == 1) plan.tell(status);
    plan.sleep(wait);
  }
}

}  // namespace bootseal::cli
