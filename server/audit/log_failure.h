// What becomes of a log whose store or key fails.
#ifndef BOOTSEAL_SERVER_AUDIT_LOG_FAILURE_H_
#define BOOTSEAL_SERVER_AUDIT_LOG_FAILURE_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// Whether a failure of `store` can end by itself: of a shared one, unless it
// lost entries or has others.
bool Passes(const Store& store, const absl::Status& status);

// Whether the store of a log answers. Thread-safe.
class Outage {
 public:
  // Logged, unless it is known.
  void Begin(const absl::Status& why);
  void End();
  // NotNow of what it began with; OK when there is none.
  absl::Status status() const;

 private:
  mutable base::Mutex mutex_;
  absl::Status why_ ABSL_GUARDED_BY(mutex_);
};

// UNAVAILABLE: LOG_STORE while it lasts, LOG_STOPPED until a restart.
absl::Status NotNow(const absl::Status& why);
absl::Status Stopped(const absl::Status& why);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_LOG_FAILURE_H_
