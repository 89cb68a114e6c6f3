#include "client/cli/context.h"

#include <utility>

#include "base/status.h"
#include "client/cli/exit_status.h"

namespace bootseal::cli {

Context::Context(Flags flags, Format format, const base::Clock& clock)
    : flags_(std::move(flags)), format_(format), clock_(clock) {}

absl::StatusOr<const Settings*> Context::settings() {
  if (!settings_) {
    ASSIGN_OR_RETURN(settings_, Resolve(flags_));
  }
  return &*settings_;
}

absl::StatusOr<const Connection*> Context::Connect() {
  if (!connection_) {
    ASSIGN_OR_RETURN(const Settings* const resolved, settings());
    ASSIGN_OR_RETURN(connection_, Connection::Open(*resolved, clock_));
  }
  return connection_.get();
}

absl::StatusOr<LogKey> Context::ReadLogKey() {
  ASSIGN_OR_RETURN(const Settings* const resolved, settings());
  return LogKey::Read(resolved->log_key);
}

}  // namespace bootseal::cli
