// What a command runs in: settings, output format, the connection when it needs
// one. Not thread-safe.
#ifndef BOOTSEAL_CLIENT_CLI_CONTEXT_H_
#define BOOTSEAL_CLIENT_CLI_CONTEXT_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "client/cli/connection.h"
#include "client/cli/log_key.h"
#include "client/cli/report.h"
#include "client/cli/settings.h"

namespace bootseal::cli {

class Context {
 public:
  // `clock` must outlive the context.
  Context(Flags flags, Format format, const base::Clock& clock);

  Format format() const { return format_; }

  // Resolved at first use: offline commands need none.
  absl::StatusOr<const Settings*> settings();
  // Connects at first use; the context owns it.
  absl::StatusOr<const Connection*> Connect();
  // Ends with kUsage: LOG_KEY_MISSING, LOG_KEY_INVALID.
  absl::StatusOr<LogKey> ReadLogKey();

 private:
  Flags flags_;
  Format format_;
  const base::Clock& clock_;
  std::optional<Settings> settings_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CONTEXT_H_
