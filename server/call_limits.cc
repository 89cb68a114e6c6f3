#include "server/call_limits.h"

#include <algorithm>

namespace bootseal::server {
namespace {

ConcurrencyLimit::Bounds Whole(const v1::Limits& limits) {
  return {limits.max_concurrent_requests(), limits.max_requests_per_identity()};
}

// At least two, so that one identity does not have it all by the default.
ConcurrencyLimit::Bounds Eighth(const v1::Limits& limits) {
  return {std::max(2U, limits.max_concurrent_requests() / 8),
          std::max(1U, limits.max_requests_per_identity() / 8)};
}

}  // namespace

CallLimits::CallLimits(const v1::Limits& limits)
    : requests("requests under way", Whole(limits)),
      openings("streams without a header", Whole(limits)),
      many("SignMany streams", Eighth(limits)),
      tails("Tail streams", Eighth(limits)) {}

std::uint32_t CallLimits::threads() const {
  return requests.bounds().capacity + openings.bounds().capacity +
         many.bounds().capacity + tails.bounds().capacity;
}

}  // namespace bootseal::server
