// What happened to connections that were not taken, not kept or slowed down:
// counted, and told to the log, once a second at most for each kind.
#ifndef BOOTSEAL_SERVER_EDGE_INCIDENTS_H_
#define BOOTSEAL_SERVER_EDGE_INCIDENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/figures.h"
#include "base/mutex.h"

namespace bootseal::edge {

// But for the last, why a connection was not taken or not kept.
enum class Incident {
  kAll,        // as many are open as may be
  kAddress,    // as many are open from its address as may be
  kSystem,     // accept(2) failed: files or memory
  kHandshake,  // TLS failed, or did not end in time
  kProtocol,   // what it sent is beyond the bounds of HTTP/2
  kEvicted,    // others needed its place
  kSlowed,     // it sent more than its budget: goes on, later
};
// Names of these, in their order.
inline constexpr const char* kIncidents[] = {
    "all", "address", "system", "handshake", "protocol", "evicted", "slowed"};
inline constexpr std::size_t kIncidentCount = std::size(kIncidents);
static_assert(kIncidentCount ==
              static_cast<std::size_t>(Incident::kSlowed) + 1);

// Thread-safe.
class Incidents {
 public:
  // Of a connection from `address`, which may be empty; `what` says more.
  void Report(Incident incident, absl::string_view address,
              absl::string_view what);
  std::uint64_t count(Incident incident) const {
    return counts_[static_cast<std::size_t>(incident)].value();
  }

 private:
  struct Told {
    absl::Time at = absl::InfinitePast();
    std::uint64_t since = 0;
  };

  std::array<base::Counter, kIncidentCount> counts_;
  base::Mutex mutex_;
  std::array<Told, kIncidentCount> told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_INCIDENTS_H_
