// What calls may hold of the server, each limit with the share of one identity,
// all derived from the configuration's two numbers.
#ifndef BOOTSEAL_SERVER_CALL_LIMITS_H_
#define BOOTSEAL_SERVER_CALL_LIMITS_H_

#include <cstdint>

#include "bootseal/v1/config.pb.h"
#include "server/concurrency_limit.h"

namespace bootseal::server {

// Thread-safe.
struct CallLimits {
  // `limits` with its defaults in (server/config.h).
  explicit CallLimits(const v1::Limits& limits);

  // Requests that use the HSM or read a payload: what the configuration says.
  ConcurrencyLimit requests;
  // Sign streams whose header is awaited: as many again, so that whoever may
  // have a request under way may also begin it.
  ConcurrencyLimit openings;
  // SignMany streams, each with its threads: an eighth. One may stand still
  // for limits.upload_seconds.
  ConcurrencyLimit many;
  // Streams of AuditService.Tail, which may stay open for days: an eighth.
  ConcurrencyLimit tails;

  // Calls that may hold a thread at once by these limits.
  std::uint32_t threads() const;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CALL_LIMITS_H_
