#include "server/audit/postgres/watchdog.h"

#include <sys/socket.h>

#include <algorithm>
#include <mutex>

namespace bootseal::audit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours kIdle{1};

Clock::time_point After(absl::Duration limit) {
  return Clock::now() + absl::ToChronoNanoseconds(limit);
}

}  // namespace

Watchdog::Watchdog() : thread_([this] { Work(); }) {}

Watchdog::~Watchdog() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Watchdog::Guard::Guard(Watchdog& watchdog, int socket, absl::Duration limit)
    : watchdog_(watchdog), socket_(socket) {
  const base::MutexLock lock(watchdog.mutex_);
  deadline_ = After(std::min(limit, watchdog.longest_));
  watchdog.guards_.insert(this);
  // Most end long before: the thread looks when it wakes anyway.
  if (deadline_ < watchdog.wakes_at_) watchdog.changed_.notify_one();
}

Watchdog::Guard::~Guard() {
  const base::MutexLock lock(watchdog_.mutex_);
  watchdog_.guards_.erase(this);
}

bool Watchdog::Guard::fired() const {
  const base::MutexLock lock(watchdog_.mutex_);
  return fired_;
}

void Watchdog::Hurry(absl::Duration longest) {
  {
    const base::MutexLock lock(mutex_);
    longest_ = std::min(longest_, longest);
    for (Guard* const guard : guards_) {
      guard->deadline_ = std::min(guard->deadline_, After(longest_));
    }
  }
  changed_.notify_one();
}

absl::Duration Watchdog::Bound(absl::Duration limit) const {
  const base::MutexLock lock(mutex_);
  return std::min(limit, longest_);
}

Watchdog::Time Watchdog::Cut(Time now) {
  Time next = now + kIdle;
  for (Guard* const guard : guards_) {
    if (guard->fired_) continue;
    if (guard->deadline_ > now) {
      next = std::min(next, guard->deadline_);
      continue;
    }
    guard->fired_ = true;
    shutdown(guard->socket_, SHUT_RDWR);
  }
  return next;
}

void Watchdog::Work() {
  std::unique_lock<base::Mutex> lock(mutex_);
  while (!ending_) {
    wakes_at_ = Cut(Clock::now());
    changed_.wait_until(lock, wakes_at_);
  }
}

}  // namespace bootseal::audit
