#include "server/concurrency_limit.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::server {

absl::StatusOr<ConcurrencyLimit::Place> ConcurrencyLimit::Take(
    absl::string_view identity) {
  const base::MutexLock lock(mutex_);
  if (taken_ >= bounds_.capacity) {
    return base::Exhausted(
        "TOO_MANY_REQUESTS",
        absl::StrCat("the server has ", bounds_.capacity, " ", what_,
                     " already, its limit by limits.max_concurrent_requests; "
                     "try again later"));
  }
  const auto found = taken_by_.find(identity);
  if (found != taken_by_.end() && found->second >= bounds_.share) {
    return base::Exhausted(
        "IDENTITY_BUSY",
        absl::StrCat("identity ", identity, " has ", bounds_.share, " ", what_,
                     " already, its share by limits.max_requests_per_identity; "
                     "try again later"));
  }
  ++taken_;
  ++taken_by_[identity];
  return Place(this, identity);
}

std::uint32_t ConcurrencyLimit::taken() const {
  const base::MutexLock lock(mutex_);
  return taken_;
}

void ConcurrencyLimit::GiveBack(absl::string_view identity) {
  const base::MutexLock lock(mutex_);
  --taken_;
  const auto found = taken_by_.find(identity);
  if (--found->second == 0) taken_by_.erase(found);
}

}  // namespace bootseal::server
