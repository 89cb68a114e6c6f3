#include "server/call_limits.h"

#include <algorithm>

namespace bootseal::server {
namespace {

// In proportion; one where there is a second to spare.
std::uint32_t KeptOfShare(const v1::Limits& limits) {
  const std::uint32_t share = limits.max_requests_per_identity();
  if (limits.places_for_releases() == 0 || share < 2) return 0;
  const std::uint64_t part = std::uint64_t{share} *
                             limits.places_for_releases() /
                             limits.max_concurrent_requests();
  return std::max(1U, static_cast<std::uint32_t>(part));
}

ConcurrencyLimit::Bounds Whole(const v1::Limits& limits) {
  return {limits.max_concurrent_requests(), limits.max_requests_per_identity(),
          limits.places_for_releases(), KeptOfShare(limits)};
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

CallLimits::CallLimits(const v1::Limits& limits, const base::Clock& clock)
    : rate(limits.max_calls_per_second(), clock),
      requests("requests under way", Whole(limits)),
      calls("calls under way", Calls(limits)),
      many("SignMany streams", Eighth(limits)),
      tails("Tail streams", Eighth(limits)) {}

Lane LaneOf(const v1::Target& target) {
  const bool unsaid = target.lane() == v1::LANE_UNSPECIFIED;
  const bool approved = target.approvals() > 0;
  return target.lane() == v1::RELEASES || (unsaid && approved) ? Lane::kReleases
                                                               : Lane::kBuilds;
}

}  // namespace bootseal::server
