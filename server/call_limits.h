// What calls may hold of the server, each limit with the share of one identity,
// all derived from a few numbers of the configuration, and how often one
// identity may call.
#ifndef BOOTSEAL_SERVER_CALL_LIMITS_H_
#define BOOTSEAL_SERVER_CALL_LIMITS_H_

#include "base/clock.h"
#include "bootseal/v1/config.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "server/call_rate.h"
#include "server/concurrency_limit.h"

namespace bootseal::server {

// Thread-safe.
struct CallLimits {
  // `limits` with its defaults in (server/config.h). `clock` must outlive it.
  CallLimits(const v1::Limits& limits, const base::Clock& clock);

  // Every call of an identified caller; a stream is one.
  CallRate rate;
  // Requests that use the HSM or read a payload: what the configuration says.
  // Some are for releases alone, and as large a part of each identity's share,
  // so that whoever builds can release while their builds hold all they may.
  ConcurrencyLimit requests;
  // Calls of identified callers, each with its thread until its answer has
  // left: twice the requests, so that streams without a header, and answers
  // that are not read, have bounds of their own; and some for reading.
  ConcurrencyLimit calls;
  // SignMany streams, each with more threads: an eighth. One may stand still
  // for limits.upload_seconds.
  ConcurrencyLimit many;
  // Streams of AuditService.Tail, which may stay open for days: an eighth.
  ConcurrencyLimit tails;
};

// Whose places a request for `target` may have.
Lane LaneOf(const v1::Target& target);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CALL_LIMITS_H_
