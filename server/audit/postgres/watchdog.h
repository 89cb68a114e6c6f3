// Ends what a database does not answer in time. libpq waits on its socket for
// ever; a statement's time-out is the database's, and one that is frozen or
// behind a broken network keeps none.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_WATCHDOG_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_WATCHDOG_H_

#include <chrono>
#include <set>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace bootseal::audit {

// One thread for all sockets of a store. Thread-safe.
class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Unless it goes before `limit` has passed, `socket` is shut down: whoever
  // waits on it finds the connection lost.
  class Guard {
   public:
    Guard(Watchdog& watchdog, int socket, absl::Duration limit);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    bool fired() const;

   private:
    friend class Watchdog;
    Watchdog& watchdog_;
    const int socket_;
    std::chrono::steady_clock::time_point deadline_;  // the watchdog's
    bool fired_ = false;                              // the watchdog's
  };

  // From now on no limit is longer, those that run already included.
  void Hurry(absl::Duration longest);
  // What Hurry leaves of a limit.
  absl::Duration Bound(absl::Duration limit) const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Work();
  // Shuts down what is late; when to look again.
  Time Cut(Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  base::Condition changed_;
  std::set<Guard*> guards_ ABSL_GUARDED_BY(mutex_);
  absl::Duration longest_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  Time wakes_at_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_WATCHDOG_H_
