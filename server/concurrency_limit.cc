#include "server/concurrency_limit.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::server {
namespace {

std::uint32_t BoundOf(Lane lane, std::uint32_t bound, std::uint32_t kept) {
  return lane == Lane::kBuilds ? bound - kept : bound;
}

absl::string_view LessKept(Lane lane, std::uint32_t kept) {
  return lane == Lane::kBuilds && kept > 0
             ? ", less what is kept for releases (limits.places_for_releases)"
             : "";
}

}  // namespace

absl::StatusOr<ConcurrencyLimit::Place> ConcurrencyLimit::Take(
    absl::string_view identity, Lane lane) {
  const base::MutexLock lock(mutex_);
  if (!taken_.LeavesRoom(lane, bounds_.capacity, bounds_.kept)) {
    return Full(lane);
  }
  const auto found = taken_by_.find(identity);
  if (found != taken_by_.end() &&
      !found->second.LeavesRoom(lane, bounds_.share, bounds_.kept_of_share)) {
    return Busy(identity, lane);
  }
  taken_.Add(lane);
  taken_by_[identity].Add(lane);
  return Place(this, identity, lane);
}

bool ConcurrencyLimit::Taken::LeavesRoom(Lane lane, std::uint32_t bound,
                                         std::uint32_t kept) const {
  if (all >= bound) return false;
  return lane == Lane::kReleases || builds < bound - kept;
}

void ConcurrencyLimit::Taken::Add(Lane lane) {
  ++all;
  if (lane == Lane::kBuilds) ++builds;
}

void ConcurrencyLimit::Taken::Remove(Lane lane) {
  --all;
  if (lane == Lane::kBuilds) --builds;
}

absl::Status ConcurrencyLimit::Full(Lane lane) const {
  return base::Exhausted(
      "TOO_MANY_REQUESTS",
      absl::StrCat("the server has ",
                   BoundOf(lane, bounds_.capacity, bounds_.kept), " ", what_,
                   " already, its limit by limits.max_concurrent_requests",
                   LessKept(lane, bounds_.kept), "; try again later"));
}

absl::Status ConcurrencyLimit::Busy(absl::string_view identity,
                                    Lane lane) const {
  return base::Exhausted(
      "IDENTITY_BUSY",
      absl::StrCat("identity ", identity, " has ",
                   BoundOf(lane, bounds_.share, bounds_.kept_of_share), " ",
                   what_,
                   " already, its share by limits.max_requests_per_identity",
                   LessKept(lane, bounds_.kept_of_share), "; try again later"));
}

std::uint32_t ConcurrencyLimit::taken() const {
  const base::MutexLock lock(mutex_);
  return taken_.all;
}

std::uint32_t ConcurrencyLimit::taken(Lane lane) const {
  const base::MutexLock lock(mutex_);
  return lane == Lane::kBuilds ? taken_.builds : taken_.all - taken_.builds;
}

void ConcurrencyLimit::GiveBack(absl::string_view identity, Lane lane) {
  const base::MutexLock lock(mutex_);
  taken_.Remove(lane);
  const auto found = taken_by_.find(identity);
  found->second.Remove(lane);
  if (found->second.all == 0) taken_by_.erase(found);
}

}  // namespace bootseal::server
