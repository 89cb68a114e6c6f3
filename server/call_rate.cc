#include "server/call_rate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/rpc_status.h"

namespace bootseal::server {

absl::Status CallRate::Take(absl::string_view identity) {
  const absl::Duration cost = absl::Seconds(1) / per_second_;
  const absl::Time now = clock_.Now();
  const base::MutexLock lock(mutex_);
  if (full_at_.size() >= forget_at_) ForgetFull(now);
  const auto known = full_at_.find(identity);
  const absl::Time full = known == full_at_.end()
                              ? now
                              : std::clamp(known->second, now, now + kBurst);
  const absl::Duration early = full + cost - (now + kBurst);
  if (early > absl::ZeroDuration()) {
    known->second = full;
    return WithRetryDelay(
        base::Exhausted(
            "CALL_RATE",
            absl::StrCat("identity ", identity, " made more than ", per_second_,
                         " calls in a second (limits.max_calls_per_second), "
                         "and ten times as many at once; try again later")),
        early);
  }
  full_at_[identity] = full + cost;
  return absl::OkStatus();
}

std::size_t CallRate::remembered() const {
  const base::MutexLock lock(mutex_);
  return full_at_.size();
}

void CallRate::ForgetFull(absl::Time now) {
  absl::erase_if(full_at_,
                 [now](const auto& each) { return each.second <= now; });
  forget_at_ = std::max<std::size_t>(64, full_at_.size() * 2);
}

}  // namespace bootseal::server
