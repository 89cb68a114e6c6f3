// Memory for the payloads that must be kept until they are signed: those that
// their key signs itself, and compressed ones. It is promised before an upload
// begins; the excess is told to come back.
#ifndef BOOTSEAL_SERVER_MEMORY_BUDGET_H_
#define BOOTSEAL_SERVER_MEMORY_BUDGET_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"

namespace bootseal::server {

// Thread-safe. Must outlive its reservations.
class MemoryBudget {
 public:
  // `capacity` in bytes. One identity has at most half of it, unless it has
  // nothing else: then whatever is free.
  explicit MemoryBudget(std::uint64_t capacity) : capacity_(capacity) {}

  // Given back with the object. Move-only.
  class Reservation {
   public:
    Reservation(Reservation&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          identity_(std::move(other.identity_)),
          bytes_(other.bytes_) {}
    Reservation& operator=(Reservation&&) = delete;
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() {
      if (budget_ != nullptr) budget_->GiveBack(identity_, bytes_);
    }

   private:
    friend class MemoryBudget;
    Reservation(MemoryBudget* budget, absl::string_view identity,
                std::uint64_t bytes)
        : budget_(budget), identity_(identity), bytes_(bytes) {}

    MemoryBudget* budget_;
    std::string identity_;
    std::uint64_t bytes_;
  };

  // Never waits. RESOURCE_EXHAUSTED: BUFFER_TOO_LARGE above the capacity, which
  // no waiting cures; MEMORY_BUSY when others have it; IDENTITY_BUSY when
  // `identity` itself has its share.
  absl::StatusOr<Reservation> Reserve(absl::string_view identity,
                                      std::uint64_t bytes);

  // Bytes that are promised now, and the most there may be.
  std::uint64_t reserved() const;
  std::uint64_t capacity() const { return capacity_; }

 private:
  void GiveBack(absl::string_view identity, std::uint64_t bytes);

  const std::uint64_t capacity_;
  mutable base::Mutex mutex_;
  std::uint64_t reserved_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of those who have any.
  absl::flat_hash_map<std::string, std::uint64_t> reserved_by_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_MEMORY_BUDGET_H_
