#include "server/call_rate.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/rpc_status.h"

namespace bootseal::server {

absl::Status CallRate::Take(absl::string_view identity) {
  const absl::Duration wait = buckets_.Take(identity, 1, clock_.Now());
  if (wait == absl::ZeroDuration()) return absl::OkStatus();
  return WithRetryDelay(
      base::Exhausted(
          "CALL_RATE",
          absl::StrCat("identity ", identity, " made more than ", per_second_,
                       " calls in a second (limits.max_calls_per_second), "
                       "and ten times as many at once; try again later")),
      wait);
}

}  // namespace bootseal::server
