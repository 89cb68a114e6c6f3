// The requests that wait for people, found again in the log. Nothing is kept
// that is not there: what is remembered spares reading it twice.
#ifndef BOOTSEAL_SERVER_PENDING_REQUESTS_H_
#define BOOTSEAL_SERVER_PENDING_REQUESTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/log.h"

namespace bootseal::server {

struct PendingRequest {
  std::uint64_t index = 0;
  std::string identity;
  std::string request_id;
  std::string subject;  // raw
  std::int64_t expires_unix_ms = 0;
};

// Thread-safe. The log must outlive it.
class PendingRequests {
 public:
  explicit PendingRequests(audit::Log& log) : log_(log) {}

  // Those that are not yet at their end, oldest first; released and denied ones
  // too. The log's errors.
  absl::StatusOr<std::vector<PendingRequest>> Open(std::int64_t now_unix_ms);

  // Those of Open that are neither released nor denied.
  absl::StatusOr<std::vector<PendingRequest>> Waiting(std::int64_t now_unix_ms);

  // Of one identity, without those that are released or denied.
  absl::StatusOr<std::size_t> CountWaiting(absl::string_view identity,
                                           std::int64_t now_unix_ms);

 private:
  absl::StatusOr<bool> Waits(const PendingRequest& request);
  absl::Status Refresh(std::int64_t now_unix_ms)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  audit::Log& log_;
  base::Mutex mutex_;
  std::uint64_t seen_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<PendingRequest> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_PENDING_REQUESTS_H_
