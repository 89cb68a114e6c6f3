#include "server/limit_lines.h"

#include <utility>

namespace bootseal::server {

std::optional<std::uint64_t> LimitLines::Admit(absl::string_view owner,
                                               absl::Time now) {
  const base::MutexLock lock(mutex_);
  Told& told = Find(owner, now);
  // A clock that was set back is no reason to be silent for as long.
  if (now >= told.at && now - told.at < kPause) {
    ++told.left_out;
    return std::nullopt;
  }
  told.at = now;
  return std::exchange(told.left_out, 0);
}

LimitLines::Told& LimitLines::Find(absl::string_view owner, absl::Time now) {
  if (const auto found = told_.find(owner); found != told_.end()) {
    return found->second;
  }
  if (told_.size() >= kOwners) {
    absl::erase_if(told_, [now](const auto& each) {
      return each.second.at > now || now - each.second.at >= kPause;
    });
  }
  return told_.size() < kOwners ? told_[owner] : others_;
}

std::size_t LimitLines::remembered() const {
  const base::MutexLock lock(mutex_);
  return told_.size();
}

}  // namespace bootseal::server
