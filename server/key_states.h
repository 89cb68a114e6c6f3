// The approved keys of the log, kept up with it. Thread-safe.
#ifndef BOOTSEAL_SERVER_KEY_STATES_H_
#define BOOTSEAL_SERVER_KEY_STATES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "server/audit/log.h"
#include "server/audit/standing.h"
#include "server/trust/key_history.h"

namespace bootseal::server {

class KeyStates {
 public:
  // `log` must outlive it.
  explicit KeyStates(audit::Log& log) : log_(log) {}

  // As the log stands now: reads what it grew by since the last call. The
  // store's errors; FAILED_PRECONDITION (LOG_CORRUPT).
  absl::StatusOr<trust::KeyHistory> Current();

  // Whether `key` may sign (trust::CheckServes). Costs nothing unless the
  // policy demands approvals.
  absl::Status CheckServes(const trust::Policy& policy,
                           const v1::PinnedKey& key);

  // The same right before a record is appended, for its check.
  absl::StatusOr<trust::KeyHistory> Before(const audit::Standing& standing);
  absl::Status CheckServes(const trust::Policy& policy,
                           const v1::PinnedKey& key,
                           const audit::Standing& standing);

 private:
  absl::Status CatchUp(std::uint64_t size)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  audit::Log& log_;
  base::Mutex mutex_;
  trust::KeyHistory history_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_KEY_STATES_H_
