// Trying again without hurting: waits that double and differ between clients,
// one deadline over all of it.
#ifndef BOOTSEAL_CLIENT_CLI_RETRY_H_
#define BOOTSEAL_CLIENT_CLI_RETRY_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bootseal::cli {

struct RetryPlan {
  absl::Duration first_wait = absl::Milliseconds(100);  // doubles
  absl::Duration longest_wait = absl::Seconds(2);
  // With a server that is gone: longer than it takes to drain (10 s) and start
  // again. One that is busy is waited for until the deadline. A call that
  // lasted longer than this reached the server: its failure is a first one.
  absl::Duration patience = absl::Seconds(15);
  absl::Time deadline = absl::InfiniteFuture();
  // Told once before the first wait of a row, with its reason.
  std::function<void(const absl::Status&)> tell = [](const absl::Status&) {};
  std::function<absl::Time()> now = absl::Now;
  std::function<void(absl::Duration)> sleep = absl::SleepFor;
};

// True for UNAVAILABLE other than HANDSHAKE_FAILED, and for RESOURCE_EXHAUSTED
// when the server says how long to wait.
bool WorthRetrying(const absl::Status& status);

// Between half of the planned wait and all of it, at random, after what the
// server asked for. `failures` counts from 1.
absl::Duration WaitAfter(const RetryPlan& plan, int failures,
                         const absl::Status& status);

// Calls `attempt` until it succeeds, fails for good, or patience or deadline
// would end before the next call; the last error then.
absl::Status Retry(const RetryPlan& plan,
                   const std::function<absl::Status()>& attempt);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RETRY_H_
