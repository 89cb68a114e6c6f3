// How many are worked on at once, and how many of them for one identity: the
// excess is told to come back, instead of waiting in a queue that nobody sees.
#ifndef BOOTSEAL_SERVER_CONCURRENCY_LIMIT_H_
#define BOOTSEAL_SERVER_CONCURRENCY_LIMIT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"

namespace bootseal::server {

// Who waits for whom when the server is busy: v1::Lane, told apart.
enum class Lane { kBuilds, kReleases };

// Thread-safe. Must outlive its places.
class ConcurrencyLimit {
 public:
  struct Bounds {
    std::uint32_t capacity;
    // Places that one identity may have, at least 1. Below the capacity the
    // others always find room.
    std::uint32_t share;
    // Places that builds may not have, of all and of one identity's; below
    // either. A release may have any.
    std::uint32_t kept = 0;
    std::uint32_t kept_of_share = 0;
  };

  // `what` is counted: "requests under way"; for messages, must outlive it.
  ConcurrencyLimit(absl::string_view what, Bounds bounds)
      : what_(what), bounds_(bounds) {}

  // A place in the limit, given back with the object. Move-only.
  class Place {
   public:
    Place(Place&& other) noexcept
        : limit_(std::exchange(other.limit_, nullptr)),
          identity_(std::move(other.identity_)),
          lane_(other.lane_) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (limit_ != nullptr) limit_->GiveBack(identity_, lane_);
    }

   private:
    friend class ConcurrencyLimit;
    Place(ConcurrencyLimit* limit, absl::string_view identity, Lane lane)
        : limit_(limit), identity_(identity), lane_(lane) {}

    ConcurrencyLimit* limit_;
    std::string identity_;
    Lane lane_;
  };

  // Never waits. RESOURCE_EXHAUSTED: TOO_MANY_REQUESTS when no place of the
  // lane is free, IDENTITY_BUSY when `identity` has its share.
  absl::StatusOr<Place> Take(absl::string_view identity,
                             Lane lane = Lane::kBuilds);

  const Bounds& bounds() const { return bounds_; }
  // Places that are taken now.
  std::uint32_t taken() const;
  std::uint32_t taken(Lane lane) const;

 private:
  struct Taken {
    std::uint32_t all = 0;
    std::uint32_t builds = 0;

    // Whether `lane` may have one more of `bound` with `kept`.
    bool LeavesRoom(Lane lane, std::uint32_t bound, std::uint32_t kept) const;
    void Add(Lane lane);
    void Remove(Lane lane);
  };

  absl::Status Full(Lane lane) const;
  absl::Status Busy(absl::string_view identity, Lane lane) const;
  void GiveBack(absl::string_view identity, Lane lane);

  const absl::string_view what_;
  const Bounds bounds_;
  mutable base::Mutex mutex_;
  Taken taken_ ABSL_GUARDED_BY(mutex_);
  // Of those who have any.
  absl::flat_hash_map<std::string, Taken> taken_by_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CONCURRENCY_LIMIT_H_
