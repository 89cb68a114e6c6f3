// What calls may hold of the server, each limit with the share of one identity,
// all derived from the configuration's two numbers.
#ifndef BOOTSEAL_SERVER_CALL_LIMITS_H_
#define BOOTSEAL_SERVER_CALL_LIMITS_H_

#include "bootseal/v1/config.pb.h"
#include "server/concurrency_limit.h"

namespace bootseal::server {

// Thread-safe.
struct CallLimits {
  // `limits` with its defaults in (server/config.h).
  explicit CallLimits(const v1::Limits& limits);

  // Requests that use the HSM or read a payload: what the configuration says.
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

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CALL_LIMITS_H_
