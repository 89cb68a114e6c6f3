// How many requests are worked on at once: the excess is told to come back,
// instead of waiting in a queue that nobody sees.
#ifndef BOOTSEAL_SERVER_CONCURRENCY_LIMIT_H_
#define BOOTSEAL_SERVER_CONCURRENCY_LIMIT_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "base/mutex.h"

namespace bootseal::server {

// Thread-safe. Must outlive its places.
class ConcurrencyLimit {
 public:
  explicit ConcurrencyLimit(std::uint32_t capacity) : capacity_(capacity) {}

  // Places in the limit, given back with the object. Move-only.
  class Places {
   public:
    Places(Places&& other) noexcept
        : limit_(std::exchange(other.limit_, nullptr)), count_(other.count_) {}
    Places& operator=(Places&&) = delete;
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;
    ~Places() {
      if (limit_ != nullptr) limit_->GiveBack(count_);
    }

    std::uint32_t count() const { return count_; }

   private:
    friend class ConcurrencyLimit;
    Places(ConcurrencyLimit* limit, std::uint32_t count)
        : limit_(limit), count_(count) {}

    ConcurrencyLimit* limit_;
    std::uint32_t count_;
  };

  // Up to `wanted` places, as many as are free, at least one.
  // RESOURCE_EXHAUSTED (TOO_MANY_REQUESTS) when there is none. Never waits.
  absl::StatusOr<Places> Take(std::uint32_t wanted = 1);

 private:
  void GiveBack(std::uint32_t count);

  const std::uint32_t capacity_;
  base::Mutex mutex_;
  std::uint32_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CONCURRENCY_LIMIT_H_
