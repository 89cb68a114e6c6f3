#include "server/edge/incidents.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"

namespace bootseal::edge {
namespace {

// Of the log's lines, in the order of incidents.
constexpr const char* kEvents[] = {"connection-refused", "connection-refused",
                                   "connection-refused", "connection-failed",
                                   "connection-failed",  "connection-evicted",
                                   "connection-slowed"};
static_assert(std::size(kEvents) == kIncidentCount);

}  // namespace

void Incidents::Report(Incident incident, absl::string_view address,
                       absl::string_view what) {
  const auto kind = static_cast<std::size_t>(incident);
  counts_[kind].Add();
  const absl::Time now = absl::Now();
  std::uint64_t times = 0;
  {
    const base::MutexLock lock(mutex_);
    Told& told = told_[kind];
    ++told.since;
    if (now - told.at < absl::Seconds(1)) return;
    told.at = now;
    times = std::exchange(told.since, 0);
  }
  base::Log(
      base::Severity::kWarning, kEvents[kind],
      {{"address", address}, {"reason", what}, {"times", absl::StrCat(times)}});
}

}  // namespace bootseal::edge
