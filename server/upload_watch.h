// Ends calls whose client is too slow: one thread, one deadline per call.
#ifndef BOOTSEAL_SERVER_UPLOAD_WATCH_H_
#define BOOTSEAL_SERVER_UPLOAD_WATCH_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <utility>

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
    void Extend();
    bool expired() const;

   private:
    UploadWatch& watch_;
    const std::chrono::seconds limit_;
    const std::uint64_t id_;
  };

 private:
  struct Entry {
    Time::time_point deadline;
    std::function<void()> cancel;
    bool expired = false;
  };

  std::uint64_t Add(Time::time_point deadline, std::function<void()> cancel);
  void Remove(std::uint64_t id);
  void Move(std::uint64_t id, Time::time_point deadline);
  bool Expired(std::uint64_t id);
  void Run();
  // Cancels what is due; when to look again.
  Time::time_point CancelDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;
  base::Condition changed_;
  std::map<std::uint64_t, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_UPLOAD_WATCH_H_
