// Log lines on standard error: one line an event, key=value, in one write.
//
//   Log(Severity::kInfo, "listening", {{"address", "127.0.0.1:8443"}});
//   I 2026-11-21T07:00:00Z listening address=127.0.0.1:8443
//
// Values with spaces, quotes or control characters are quoted and escaped, so
// that no caller can forge a line. Where standard error is systemd's journal
// (JOURNAL_STREAM, systemd.exec(5)) the line begins with its priority, "<6>",
// as sd-daemon(3) says. Thread-safe.
#ifndef BOOTSEAL_BASE_LOG_H_
#define BOOTSEAL_BASE_LOG_H_

#include <initializer_list>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace bootseal::base {

enum class Severity : char { kInfo = 'I', kWarning = 'W', kError = 'E' };

using LogField = std::pair<absl::string_view, absl::string_view>;

std::string LogValue(absl::string_view value);

void Log(Severity severity, absl::string_view event,
         std::span<const LogField> fields);

inline void Log(Severity severity, absl::string_view event,
                std::initializer_list<LogField> fields = {}) {
  Log(severity, event, std::span(fields.begin(), fields.size()));
}

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_LOG_H_
