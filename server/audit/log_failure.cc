#include "server/audit/log_failure.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
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
