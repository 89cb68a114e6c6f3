#include "client/cli/exit_status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "base/status.h"

namespace bootseal::cli {
namespace {

constexpr char kExitUrl[] = "bootseal/exit";

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
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    return ExitStatus::kUnreachable;
  }
  return ExitStatus::kRefused;
}

}  // namespace bootseal::cli
