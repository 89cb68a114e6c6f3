// Ends calls whose client is too slow: one thread, one deadline per call.
#ifndef BOOTSEAL_SERVER_UPLOAD_WATCH_H_
#define BOOTSEAL_SERVER_UPLOAD_WATCH_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "base/mutex.h"

namespace bootseal::server {

// Thread-safe. Must outlive its guards.
class UploadWatch {
 public:
  using Time = std::chrono::steady_clock;

  UploadWatch();
  ~UploadWatch();
  UploadWatch(const UploadWatch&) = delete;
  UploadWatch& operator=(const UploadWatch&) = delete;

  // `cancel` is called once when `limit` has passed, and never after the guard
  // is gone. Lives on the stack of the call.
  class Guard {
   public:
    Guard(UploadWatch& watch, std::chrono::seconds limit,
          std::function<void()> cancel);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    // The time starts again: the client made progress.
    void Extend() { deadline_ = Time::now() + limit_; }
    bool expired() const { return expired_; }

   private:
    friend class UploadWatch;

    UploadWatch& watch_;
    const std::chrono::seconds limit_;
    const std::function<void()> cancel_;
    std::atomic<Time::time_point> deadline_;
    std::atomic<bool> expired_ = false;
  };

 private:
  void Add(Guard* guard);
  void Remove(Guard* guard);
  void Run();
  // Cancels what is due; when to look again.
  Time::time_point CancelDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;
  base::Condition changed_;
  std::set<Guard*> guards_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_UPLOAD_WATCH_H_
