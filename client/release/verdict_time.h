// How long a verdict holds, as a command line says it. Thread-safe.
#ifndef BOOTSEAL_CLIENT_RELEASE_VERDICT_TIME_H_
#define BOOTSEAL_CLIENT_RELEASE_VERDICT_TIME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace bootseal::release {

// "7d": to the end of that day in UTC, so that the same command on the same day
// asks for the same; 1 to 89 days. Or a time, "2027-01-31T00:00:00Z". Whole
// seconds. Ends with kUsage: NOT_AFTER_INVALID, also for a time that is over.
absl::StatusOr<absl::Time> ParseNotAfter(const std::string& text,
                                         absl::Time now);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_VERDICT_TIME_H_
