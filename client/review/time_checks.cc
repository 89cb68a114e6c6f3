#include "client/review/time_checks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace bootseal::review {

absl::Status TimeChecks::Take(const Position& at, Findings& findings) {
  const absl::Time time = absl::FromUnixMillis(at.entry.time_unix_ms());
  if (time + kSlack < newest_) {
    findings.Warn(
        FindingClass::kTime, at.index, "TIME_WENT_BACK",
        absl::StrCat("is dated ", absl::FormatDuration(newest_ - time),
                     " before an entry that precedes it"));
  }
  if (time - kSlack > now_) {
    findings.Warn(FindingClass::kTime, at.index, "TIME_AHEAD",
                  absl::StrCat("is dated ", absl::FormatDuration(time - now_),
                               " ahead of this machine's clock"));
  }
  newest_ = std::max(newest_, time);
  return absl::OkStatus();
}

}  // namespace bootseal::review
