#include "server/upload_watch.h"

#include <algorithm>

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

std::uint64_t UploadWatch::Add(Time::time_point deadline,
                               std::function<void()> cancel) {
  const base::MutexLock lock(mutex_);
  const std::uint64_t id = next_id_++;
  // The thread looks every second anyway: waking it for each call would cost
  // more than a late cancellation does.
  entries_.emplace(id, Entry{deadline, std::move(cancel)});
  return id;
}

void UploadWatch::Remove(std::uint64_t id) {
  const base::MutexLock lock(mutex_);
  entries_.erase(id);
}

void UploadWatch::Move(std::uint64_t id, Time::time_point deadline) {
  const base::MutexLock lock(mutex_);
  entries_.at(id).deadline = deadline;
}

bool UploadWatch::Expired(std::uint64_t id) {
  const base::MutexLock lock(mutex_);
  return entries_.at(id).expired;
}

void UploadWatch::Run() {
  const base::MutexLock lock(mutex_);
  while (!stopping_) changed_.wait_until(mutex_, CancelDue());
}

UploadWatch::Time::time_point UploadWatch::CancelDue() {
  const Time::time_point now = Time::now();
  Time::time_point next = now + std::chrono::seconds(1);
  for (auto& [id, entry] : entries_) {
    if (entry.expired) continue;
    if (entry.deadline > now) {
      next = std::min(next, entry.deadline);
      continue;
    }
    entry.expired = true;
    entry.cancel();
  }
  return next;
}

UploadWatch::Guard::Guard(UploadWatch& watch, std::chrono::seconds limit,
                          std::function<void()> cancel)
    : watch_(watch),
      limit_(limit),
      id_(watch.Add(Time::now() + limit, std::move(cancel))) {}

UploadWatch::Guard::~Guard() { watch_.Remove(id_); }

void UploadWatch::Guard::Extend() { watch_.Move(id_, Time::now() + limit_); }

bool UploadWatch::Guard::expired() const { return watch_.Expired(id_); }

}  // namespace bootseal::server
