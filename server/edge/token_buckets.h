// Token buckets by key, each kept as the one moment at which it would be full
// again.
#ifndef BOOTSEAL_SERVER_EDGE_TOKEN_BUCKETS_H_
#define BOOTSEAL_SERVER_EDGE_TOKEN_BUCKETS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace bootseal::edge {

// Thread-safe. When the clock is set back, buckets are empty at worst.
class TokenBuckets {
 public:
  // `per_second` tokens come back, at least 1; a bucket holds what comes back
  // in `burst`.
  TokenBuckets(std::uint32_t per_second, absl::Duration burst)
      : token_(absl::Seconds(1) / per_second), burst_(burst) {}

  // Takes `tokens`, no more than a bucket holds, from the bucket of `key`:
  // zero. Or takes nothing: the time until it holds as many.
  absl::Duration Take(absl::string_view key, std::uint32_t tokens,
                      absl::Time now);
  // Gives back `tokens` that Take took.
  void Return(absl::string_view key, std::uint32_t tokens);

  // Buckets that are remembered: those that are not full, and at most as many
  // again.
  std::size_t remembered() const;

 private:
  void ForgetFull(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration token_;
  const absl::Duration burst_;
  mutable base::Mutex mutex_;
  // When each bucket is full again.
  absl::flat_hash_map<std::string, absl::Time> full_at_ ABSL_GUARDED_BY(mutex_);
  std::size_t forget_at_ ABSL_GUARDED_BY(mutex_) = 64;
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_TOKEN_BUCKETS_H_
