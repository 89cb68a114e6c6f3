#include "server/memory_budget.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::server {

absl::StatusOr<MemoryBudget::Reservation> MemoryBudget::Reserve(
    absl::string_view identity, std::uint64_t bytes) {
  if (bytes > capacity_) {
    return base::Exhausted(
        "BUFFER_TOO_LARGE",
        absl::StrCat("the request takes ", bytes,
                     " bytes of memory, this server has ", capacity_,
                     " for all together (limits.max_buffered_bytes)"));
  }
  const base::MutexLock lock(mutex_);
  if (bytes > capacity_ - reserved_) {
    return base::Exhausted(
        "MEMORY_BUSY",
        absl::StrCat("the request takes ", bytes, " bytes of memory, ",
                     capacity_ - reserved_, " of ", capacity_,
                     " are free (limits.max_buffered_bytes); try again later"));
  }
  const auto found = reserved_by_.find(identity);
  if (found != reserved_by_.end() && found->second + bytes > capacity_ / 2) {
    return base::Exhausted(
        "IDENTITY_BUSY",
        absl::StrCat("identity ", identity, " has ", found->second,
                     " bytes of payload in memory already, with this request "
                     "it would have more than its share, half of ",
                     capacity_,
                     " (limits.max_buffered_bytes); try again later"));
  }
  reserved_ += bytes;
  reserved_by_[identity] += bytes;
  return Reservation(this, identity, bytes);
}

std::uint64_t MemoryBudget::reserved() const {
  const base::MutexLock lock(mutex_);
  return reserved_;
}

void MemoryBudget::GiveBack(absl::string_view identity, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  reserved_ -= bytes;
  const auto found = reserved_by_.find(identity);
  if ((found->second -= bytes) == 0) reserved_by_.erase(found);
}

}  // namespace bootseal::server
