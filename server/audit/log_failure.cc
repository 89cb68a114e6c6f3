#include "server/audit/log_failure.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"

namespace bootseal::audit {
namespace {

// What no time mends in a shared store.
constexpr absl::string_view kFatal[] = {"LOG_CORRUPT", "LOG_WENT_BACK",
                                        "LOG_INCONSISTENT"};

}  // namespace

bool Passes(const Store& store, const absl::Status& status) {
  return store.shared() &&
         std::find(std::begin(kFatal), std::end(kFatal),
                   base::ReasonOf(status)) == std::end(kFatal);
}

void Outage::Begin(const absl::Status& why) {
  {
    const base::MutexLock lock(mutex_);
    if (!why_.ok()) return;
    why_ = why;
  }
  base::Log(base::Severity::kError, "audit-log-lost",
            {{"reason", base::ReasonOf(why)}, {"message", why.message()}});
}

void Outage::End() {
  {
    const base::MutexLock lock(mutex_);
    if (why_.ok()) return;
    why_ = absl::OkStatus();
  }
  base::Log(base::Severity::kInfo, "audit-log-back");
}

absl::Status Outage::status() const {
  const base::MutexLock lock(mutex_);
  return why_.ok() ? why_ : NotNow(why_);
}

absl::Status NotNow(const absl::Status& why) {
  return base::Unavailable(
      "LOG_STORE",
      absl::StrCat("the audit log cannot be written for now, nothing is "
                   "released: ",
                   why.message()));
}

absl::Status Stopped(const absl::Status& why) {
  return base::Unavailable(
      "LOG_STOPPED",
      absl::StrCat("the audit log has stopped, nothing is released: ",
                   why.message()));
}

}  // namespace bootseal::audit
