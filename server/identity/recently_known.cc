#include "server/identity/recently_known.h"

namespace bootseal::identity {

std::optional<v1::Caller> RecentlyKnown::Recall(absl::string_view key,
                                                absl::Time now) {
  const base::MutexLock lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  const Known& known = found->second->second;
  if (now < known.validity.not_before || now > known.validity.not_after) {
    return std::nullopt;
  }
  recent_.splice(recent_.begin(), recent_, found->second);
  return known.caller;
}

void RecentlyKnown::Remember(std::string key, Known known) {
  const base::MutexLock lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) {
    found->second->second = std::move(known);
    return;
  }
  if (recent_.size() == capacity_) {
    index_.erase(recent_.back().first);
    recent_.pop_back();
  }
  recent_.emplace_front(key, std::move(known));
  index_.emplace(std::move(key), recent_.begin());
}

}  // namespace bootseal::identity
