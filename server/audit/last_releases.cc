#include "server/audit/last_releases.h"

#include "base/status.h"
#include "server/audit/standing.h"

namespace bootseal::audit {

absl::StatusOr<Release> LastReleases::Find(const std::string& target,
                                           std::uint64_t size) {
  {
    const base::MutexLock lock(mutex_);
    if (size > size_) {
      known_.clear();
      size_ = size;
    }
    const auto known = known_.find(target);
    if (size == size_ && known != known_.end()) return known->second;
  }
  ASSIGN_OR_RETURN(const auto stored, store_.LastRelease(target));
  Release release;
  if (stored) {
    ASSIGN_OR_RETURN(release, ReleaseOf(*stored));
  }
  // Unless the log grew meanwhile: that release may be another one's past.
  const base::MutexLock lock(mutex_);
  if (size == size_) known_[target] = release;
  return release;
}

void LastReleases::Grow(std::uint64_t from, std::uint64_t to,
                        const Releases& fresh) {
  const base::MutexLock lock(mutex_);
  if (size_ != from) known_.clear();
  size_ = to;
  for (const auto& [target, release] : fresh) known_[target] = release;
}

}  // namespace bootseal::audit
