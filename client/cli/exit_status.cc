#include "client/cli/exit_status.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "base/status.h"

namespace bootseal::cli {
namespace {

constexpr char kExitUrl[] = "bootseal/exit";

// Why a server is not there, or not for long.
constexpr absl::string_view kUnreachable[] = {
    "",
    "SERVER_UNKNOWN",
    "SERVER_UNREACHABLE",
    "HANDSHAKE_FAILED",
    "CONNECTION_LOST",
    "DRAINING",
};

bool IsUnreachable(absl::string_view reason) {
  return std::find(std::begin(kUnreachable), std::end(kUnreachable), reason) !=
         std::end(kUnreachable);
}

}  // namespace

absl::Status WithExit(absl::Status status, ExitStatus exit) {
  if (status.ok()) return status;
  status.SetPayload(kExitUrl,
                    absl::Cord(std::string(1, static_cast<char>(exit))));
  return status;
}

absl::Status UsageError(absl::string_view reason, absl::string_view message) {
  return WithExit(
      base::Fail(absl::StatusCode::kInvalidArgument, reason, message),
      ExitStatus::kUsage);
}

absl::Status LocalFileError(absl::string_view reason,
                            absl::string_view message) {
  return WithExit(
      base::Fail(absl::StatusCode::kInvalidArgument, reason, message),
      ExitStatus::kLocalFile);
}

ExitStatus ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return ExitStatus::kDone;
  if (const auto chosen = status.GetPayload(kExitUrl)) {
    return static_cast<ExitStatus>(std::string(*chosen).front());
  }
  const std::string reason = base::ReasonOf(status);
  if (reason == "APPROVALS_REQUIRED") return ExitStatus::kWaiting;
  if (absl::StartsWith(reason, "FILE_")) return ExitStatus::kLocalFile;
  if (absl::IsDeadlineExceeded(status)) return ExitStatus::kUnreachable;
  // Any other reason is the word of a server that was reached.
  return absl::IsUnavailable(status) && IsUnreachable(reason)
             ? ExitStatus::kUnreachable
             : ExitStatus::kRefused;
}

}  // namespace bootseal::cli
