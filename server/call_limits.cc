#include "server/call_limits.h"

#include <algorithm>

namespace bootseal::server {
namespace {

ConcurrencyLimit::Bounds Whole(const v1::Limits& limits) {
  return {limits.max_concurrent_requests(), limits.max_requests_per_identity()};
}

constexpr std::uint32_t kReadingCalls = 32;

ConcurrencyLimit::Bounds Calls(const v1::Limits& limits) {
  return {limits.max_concurrent_requests() * 2 + kReadingCalls,
          limits.max_requests_per_identity() * 2 + kReadingCalls / 2};
}

// At least two, so that one identity does not have it all by the default.
ConcurrencyLimit::Bounds Eighth(const v1::Limits& limits) {
  return {std::max(2U, limits.max_concurrent_requests() / 8),
          std::max(1U, limits.max_requests_per_identity() / 8)};
}

}  // namespace

CallLimits::CallLimits(const v1::Limits& limits)
    : requests("requests under way", Whole(limits)),
      calls("calls under way", Calls(limits)),
      many("SignMany streams", Eighth(limits)),
      tails("Tail streams", Eighth(limits)) {}

}  // namespace bootseal::server
