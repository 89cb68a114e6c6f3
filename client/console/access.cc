#include "client/console/access.h"

#include <utility>

#include "base/status.h"
#include "client/console/random.h"

namespace bootseal::console {

Access::Access() : token_(RandomToken()) {}

std::string Access::IssueTicket() {
  const base::MutexLock lock(mutex_);
  ticket_ = RandomToken();
  return ticket_;
}

bool Access::IsOpen(absl::string_view ticket) const {
  const base::MutexLock lock(mutex_);
  return !ticket_.empty() && SameSecret(ticket, ticket_);
}

absl::StatusOr<std::string> Access::Redeem(absl::string_view ticket) {
  const base::MutexLock lock(mutex_);
  if (ticket_.empty() || !SameSecret(ticket, ticket_)) {
    return base::Fail(absl::StatusCode::kUnauthenticated, "TICKET_INVALID",
                      "this address was used already, or is of an earlier "
                      "start; press Enter in the terminal for a new one");
  }
  ticket_.clear();
  if (const auto used = std::exchange(used_, nullptr)) used();
  return token_;
}

void Access::OnFirstUse(std::function<void()> used) {
  const base::MutexLock lock(mutex_);
  used_ = std::move(used);
}

bool Access::Admits(absl::string_view token) const {
  return SameSecret(token, token_);
}

}  // namespace bootseal::console
