// Ends calls that a thread waits in: of a client that is too slow, and of
// everybody at the end of a drain. One thread, one deadline per call.
#ifndef BOOTSEAL_SERVER_UPLOAD_WATCH_H_
#define BOOTSEAL_SERVER_UPLOAD_WATCH_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <set>
#include <thread>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "grpcpp/server_context.h"

namespace bootseal::server {

// Thread-safe. Must outlive its guards.
class UploadWatch {
 public:
  using Time = std::chrono::steady_clock;

  UploadWatch();
  ~UploadWatch();
  UploadWatch(const UploadWatch&) = delete;
  UploadWatch& operator=(const UploadWatch&) = delete;

  // Waits until no call has a guard. What still runs after `patience` is ended,
  // also what comes later: the server drains. Gives up half a second after
  // that.
  void Drain(std::chrono::seconds patience);

  // Calls with a guard now: each may be waiting for its client.
  std::size_t watched() const;

  // Ends the call once, and never after the guard is gone: after `limit` it is
  // CANCELLED, when the server drains UNAVAILABLE. What waits for the client
  // then fails. Such an end carries no details: in its message the reason comes
  // first ("DRAINING: ..."), and clients rely on that. Lives on the stack of
  // the call.
  class Guard {
   public:
    Guard(UploadWatch& watch, std::chrono::seconds limit,
          grpc::ServerContextBase& context);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    // The time starts again: the client made progress. Thread-safe.
    void Extend(std::chrono::seconds limit) { deadline_ = Time::now() + limit; }
    // OK while nobody ended the call. CANCELLED (UPLOAD_TOO_SLOW), UNAVAILABLE
    // (DRAINING); CANCELLED (CANCELLED) when its client did.
    absl::Status Check() const;

   private:
    friend class UploadWatch;
    enum class State { kRunning, kTooSlow, kDraining };

    // Of one that is not kRunning.
    static absl::Status StatusOf(State why);
    void End(State why);

    UploadWatch& watch_;
    grpc::ServerContextBase& context_;
    std::atomic<Time::time_point> deadline_;
    std::atomic<State> state_ = State::kRunning;
  };

  // For a call that may last for days.
  static constexpr std::chrono::seconds kNoLimit = std::chrono::hours(24 * 365);

 private:
  void Add(Guard* guard);
  void Remove(Guard* guard);
  void Run();
  // Ends what is due; when to look again.
  Time::time_point EndDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  base::Condition changed_;
  std::set<Guard*> guards_ ABSL_GUARDED_BY(mutex_);
  Time::time_point end_of_all_ ABSL_GUARDED_BY(mutex_) =
      Time::time_point::max();
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// What a call is told that the end of the server cuts short.
absl::Status Draining();

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_UPLOAD_WATCH_H_
