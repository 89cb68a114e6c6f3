// How much work a client's HTTP/2 frames may make: those of one client are
// taken in no faster than its budget comes back, whatever it sends. Who keeps
// to the server's limits never notices.
#ifndef BOOTSEAL_SERVER_EDGE_BUDGETS_H_
#define BOOTSEAL_SERVER_EDGE_BUDGETS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/edge/peers.h"
#include "server/edge/token_buckets.h"

namespace bootseal::edge {

// In this unit work is counted: what a small frame makes.
using Work = std::uint32_t;
inline constexpr Work kFrameWork = 1;
// Of a call, whatever becomes of it.
inline constexpr Work kCallWork = 25;

// Thread-safe.
class Budgets {
 public:
  // Calls in a second, or as many times kCallWork small frames: of one
  // certificate or identity twice `max_calls`, which it may make, so that those
  // who make more hear of it, and this at least.
  static constexpr std::uint32_t kFewestCalls = 2000;
  // Of everybody at one address who has not shown who he is, and of all such
  // together.
  static constexpr std::uint32_t kStrangerCalls = 200;
  static constexpr std::uint32_t kStrangersCalls = 2000;

  // TLS handshakes in a second, of everybody at one address: nobody has shown
  // who he is before its end. Twice as many at once.
  static constexpr std::uint32_t kHandshakes = 100;
  // Of all addresses together from which nobody has shown it lately, as many at
  // once, by each thread: a tenth of what its processor can do.
  static constexpr std::uint32_t kStrangersHandshakes = 300;

  // `max_calls` is a million at most, as the configuration has it; `threads`,
  // at least 1, shake hands.
  Budgets(std::uint32_t max_calls, std::uint32_t threads);

  // Takes `work` of the budget of `peer`: zero. Or nothing: the time until it
  // may be asked for again.
  absl::Duration Take(const Peer& peer, Work work, absl::Time now);
  // The same for a handshake with a client at `address`.
  absl::Duration TakeHandshake(absl::string_view address, absl::Time now);
  // The same, where nobody at `address` has shown who he is.
  absl::Duration TakeStrangersHandshake(absl::string_view address,
                                        absl::Time now);

 private:
  TokenBuckets known_;
  TokenBuckets strangers_;
  TokenBuckets all_strangers_;
  TokenBuckets handshakes_;
  TokenBuckets strangers_handshakes_;
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_BUDGETS_H_
