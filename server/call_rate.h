// How often one identity may call: a token bucket for each, kept as the one
// moment at which it would be full again.
#ifndef BOOTSEAL_SERVER_CALL_RATE_H_
#define BOOTSEAL_SERVER_CALL_RATE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace bootseal::server {

// Thread-safe.
class CallRate {
 public:
  // A bucket holds what comes back in this time: `per_second` ten times.
  static constexpr absl::Duration kBurst = absl::Seconds(10);

  // `per_second` is at least 1. `clock` must outlive it; when it is set back,
  // buckets are empty at worst.
  CallRate(std::uint32_t per_second, const base::Clock& clock)
      : per_second_(per_second), clock_(clock) {}

  // One call. RESOURCE_EXHAUSTED (CALL_RATE) when the bucket of `identity` is
  // empty, with the time until it holds a call again; such a call costs
  // nothing.
  absl::Status Take(absl::string_view identity);

  // Identities that are remembered: those whose bucket is not full, and at most
  // as many again.
  std::size_t remembered() const;

 private:
  void ForgetFull(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::uint32_t per_second_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  // When each bucket is full again.
  absl::flat_hash_map<std::string, absl::Time> full_at_ ABSL_GUARDED_BY(mutex_);
  std::size_t forget_at_ ABSL_GUARDED_BY(mutex_) = 64;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CALL_RATE_H_
