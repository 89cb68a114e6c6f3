#include "server/health/readiness.h"

#include "base/status.h"

namespace bootseal::health {

absl::Status Readiness::Check() const {
  if (!log_.healthy()) {
    return base::Unavailable("LOG_NOT_WRITABLE",
                             "the audit log cannot be written, nothing is "
                             "released");
  }
  return canary_ == nullptr ? absl::OkStatus() : canary_->status();
}

}  // namespace bootseal::health
