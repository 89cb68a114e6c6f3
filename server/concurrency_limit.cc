#include "server/concurrency_limit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::server {

absl::StatusOr<ConcurrencyLimit::Places> ConcurrencyLimit::Take(
    std::uint32_t wanted) {
  const base::MutexLock lock(mutex_);
  const std::uint32_t count = std::min(wanted, capacity_ - taken_);
  if (count == 0) {
    return base::Exhausted(
        "TOO_MANY_REQUESTS",
        absl::StrCat("the server works on ", capacity_,
                     " requests already, its limit; try again later"));
  }
  taken_ += count;
  return Places(this, count);
}

void ConcurrencyLimit::GiveBack(std::uint32_t count) {
  const base::MutexLock lock(mutex_);
  taken_ -= count;
}

}  // namespace bootseal::server
