#include "client/fwu/exit_status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/status.h"

namespace bootseal::fwu {
namespace {

struct Row {
  absl::string_view prefix;  // of the reason
  ExitStatus exit;
};

constexpr Row kRows[] = {
    {"FILE_", ExitStatus::kLocalFile},
    {"STORAGE_", ExitStatus::kLocalFile},
    {"DOWNLOAD_BROKEN", ExitStatus::kUnreachable},
    {"DOWNLOAD_URL", ExitStatus::kUsage},
    {"DOWNLOAD_CA", ExitStatus::kUsage},
    {"CONFIGURATION", ExitStatus::kUsage},
    {"SOURCE_INVALID", ExitStatus::kUsage},
    {"UNIT_INVALID", ExitStatus::kUsage},
    {"PLACEMENT_INVALID", ExitStatus::kUsage},
};

}  // namespace

ExitStatus ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return ExitStatus::kDone;
  const std::string reason = base::ReasonOf(status);
  for (const Row& row : kRows) {
    if (absl::StartsWith(reason, row.prefix)) return row.exit;
  }
  return ExitStatus::kRefused;
}

}  // namespace bootseal::fwu
