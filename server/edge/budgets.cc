#include "server/edge/budgets.h"

#include <algorithm>

namespace bootseal::edge {
namespace {

// Two hundred calls at once, each: a fraction of the server's threads.
absl::Duration BurstOf(std::uint32_t calls) {
  return absl::Seconds(Budgets::kStrangerCalls) / calls;
}

TokenBuckets Of(std::uint32_t calls) {
  return {calls * kCallWork, BurstOf(calls)};
}

}  // namespace

Budgets::Budgets(std::uint32_t max_calls, std::uint32_t threads)
    : known_(Of(std::max(kFewestCalls, max_calls * 2))),
      strangers_(Of(kStrangerCalls)),
      all_strangers_(Of(kStrangersCalls)),
      handshakes_(kHandshakes, absl::Seconds(2)),
      strangers_handshakes_(kStrangersHandshakes * threads, absl::Seconds(1)) {}

absl::Duration Budgets::Take(const Peer& peer, Work work, absl::Time now) {
  if (peer.known()) return known_.Take(peer.owner(), work, now);
  const absl::Duration wait = strangers_.Take(peer.address(), work, now);
  if (wait > absl::ZeroDuration()) return wait;
  return all_strangers_.Take("", work, now);
}

absl::Duration Budgets::TakeHandshake(absl::string_view address,
                                      absl::Time now) {
  return handshakes_.Take(address, 1, now);
}

absl::Duration Budgets::TakeStrangersHandshake(absl::string_view address,
                                               absl::Time now) {
  const absl::Duration wait = TakeHandshake(address, now);
  if (wait > absl::ZeroDuration()) return wait;
  const absl::Duration all = strangers_handshakes_.Take("", 1, now);
  if (all > absl::ZeroDuration()) handshakes_.Return(address, 1);
  return all;
}

}  // namespace bootseal::edge
