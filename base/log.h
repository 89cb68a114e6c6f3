// Log lines on standard error: one line an event, key=value, in one write.
//
//   Log(Severity::kInfo, "listening", {{"address", "127.0.0.1:8443"}});
//   I 2026-11-21T07:00:00Z listening address=127.0.0.1:8443
//
// Values with spaces, quotes or control characters are quoted and escaped, so
// that no caller can forge a line. Thread-safe.
#ifndef BOOTSEAL_BASE_LOG_H_
#define BOOTSEAL_BASE_LOG_H_

#include <unistd.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bootseal::base {

enum class Severity : char { kInfo = 'I', kWarning = 'W', kError = 'E' };

using LogField = std::pair<absl::string_view, absl::string_view>;

inline std::string LogValue(absl::string_view value) {
  const bool plain = value.find_first_of(" \"\\=") == absl::string_view::npos;
  const std::string escaped = absl::CEscape(value);
  if (plain && escaped == value && !value.empty()) return escaped;
  return absl::StrCat("\"", escaped, "\"");
}

inline void Log(Severity severity, absl::string_view event,
                std::initializer_list<LogField> fields = {}) {
  std::string line = absl::StrCat(
      std::string(1, static_cast<char>(severity)), " ",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone()),
      " ", event);
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&line, " ", name, "=", LogValue(value));
  }
  line.push_back('\n');
  // A lost log line must not stop the caller.
  [[maybe_unused]] const ssize_t ignored =
      write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_LOG_H_
