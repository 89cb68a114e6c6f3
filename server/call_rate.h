// How often one identity may call: a token bucket for each.
#ifndef BOOTSEAL_SERVER_CALL_RATE_H_
#define BOOTSEAL_SERVER_CALL_RATE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/edge/token_buckets.h"

namespace bootseal::server {

// Thread-safe.
class CallRate {
 public:
  // A bucket holds what comes back in this time: `per_second` ten times.
  static constexpr absl::Duration kBurst = absl::Seconds(10);

  // `per_second` is at least 1. `clock` must outlive it; when it is set back,
  // buckets are empty at worst.
  CallRate(std::uint32_t per_second, const base::Clock& clock)
      : per_second_(per_second),
        clock_(clock),
        buckets_(per_second, kBurst) {}

  // One call. RESOURCE_EXHAUSTED (CALL_RATE) when the bucket of `identity` is
  // empty, with the time until it holds a call again; such a call costs
  // nothing.
  absl::Status Take(absl::string_view identity);

  // Identities that are remembered.
  std::size_t remembered() const { return buckets_.remembered(); }

 private:
  const std::uint32_t per_second_;
  const base::Clock& clock_;
  edge::TokenBuckets buckets_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CALL_RATE_H_
