#include "server/upload_watch.h"

#include <algorithm>
#include <utility>

namespace bootseal::server {

UploadWatch::UploadWatch() : thread_([this] { Run(); }) {}

UploadWatch::~UploadWatch() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void UploadWatch::Add(Guard* guard) {
  const base::MutexLock lock(mutex_);
  // The thread looks every second anyway: waking it for each call would cost
  // more than a late cancellation does.
  guards_.insert(guard);
}

void UploadWatch::Remove(Guard* guard) {
  const base::MutexLock lock(mutex_);
  guards_.erase(guard);
}

void UploadWatch::Run() {
  const base::MutexLock lock(mutex_);
  while (!stopping_) changed_.wait_until(mutex_, CancelDue());
}

UploadWatch::Time::time_point UploadWatch::CancelDue() {
  const Time::time_point now = Time::now();
  Time::time_point next = now + std::chrono::seconds(1);
  for (Guard* guard : guards_) {
    if (guard->expired_) continue;
    const Time::time_point deadline = guard->deadline_;
    if (deadline > now) {
      next = std::min(next, deadline);
      continue;
    }
    guard->expired_ = true;
    guard->cancel_();
  }
  return next;
}

UploadWatch::Guard::Guard(UploadWatch& watch, std::chrono::seconds limit,
                          std::function<void()> cancel)
    : watch_(watch),
      limit_(limit),
      cancel_(std::move(cancel)),
      deadline_(Time::now() + limit) {
  watch_.Add(this);
}

UploadWatch::Guard::~Guard() { watch_.Remove(this); }

}  // namespace bootseal::server
