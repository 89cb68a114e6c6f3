#include "server/edge/token_buckets.h"

#include <algorithm>

namespace bootseal::edge {

absl::Duration TokenBuckets::Take(absl::string_view key, std::uint32_t tokens,
                                  absl::Time now) {
  const absl::Duration cost = token_ * tokens;
  const base::MutexLock lock(mutex_);
  if (full_at_.size() >= forget_at_) ForgetFull(now);
  const auto known = full_at_.find(key);
  const absl::Time full = known == full_at_.end()
                              ? now
                              : std::clamp(known->second, now, now + burst_);
  const absl::Duration early = full + cost - (now + burst_);
  if (early > absl::ZeroDuration()) {
    if (known != full_at_.end()) known->second = full;
    return early;
  }
  full_at_[key] = full + cost;
  return absl::ZeroDuration();
}

void TokenBuckets::Return(absl::string_view key, std::uint32_t tokens) {
  const base::MutexLock lock(mutex_);
  const auto known = full_at_.find(key);
  if (known != full_at_.end()) known->second -= token_ * tokens;
}

std::size_t TokenBuckets::remembered() const {
  const base::MutexLock lock(mutex_);
  return full_at_.size();
}

void TokenBuckets::ForgetFull(absl::Time now) {
  absl::erase_if(full_at_,
                 [now](const auto& each) { return each.second <= now; });
  forget_at_ = std::max<std::size_t>(64, full_at_.size() * 2);
}

}  // namespace bootseal::edge
