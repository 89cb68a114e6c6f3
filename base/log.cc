#include "base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bootseal::base {
namespace {

bool IsJournal(int file) {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream == nullptr || fstat(file, &info) != 0) return false;
  return absl::StrCat(info.st_dev, ":", info.st_ino) == stream;
}

// syslog's numbers.
absl::string_view PriorityOf(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "<6>";
    case Severity::kWarning:
      return "<4>";
    case Severity::kError:
      return "<3>";
  }
  return "";
}

}  // namespace

std::string LogValue(absl::string_view value) {
  const bool plain = value.find_first_of(" \"\\=") == absl::string_view::npos;
  const std::string escaped = absl::CEscape(value);
  if (plain && escaped == value && !value.empty()) return escaped;
  return absl::StrCat("\"", escaped, "\"");
}

void Log(Severity severity, absl::string_view event,
         std::span<const LogField> fields) {
  static const bool journal = IsJournal(STDERR_FILENO);
  std::string line = absl::StrCat(
      journal ? PriorityOf(severity) : "",
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
