#include "hsm/commands/failure.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "hsm/commands/report.h"

namespace bootseal::hsm::commands {
namespace {

constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kLocalFile = 5;

std::string Json(const absl::Status& status) {
  const std::string field = base::FieldOf(status);
  return absl::StrCat(
      "{\"error\":{\"code\":",
      JsonString(absl::StatusCodeToString(status.code())),
      ",\"reason\":", JsonString(base::ReasonOf(status)),
      ",\"message\":", JsonString(status.message()),
      field.empty() ? "" : absl::StrCat(",\"field\":", JsonString(field)),
      ",\"exit_status\":", ExitStatusOf(status), "}}\n");
}

// A message quotes what it was given; a terminal obeys nothing of that.
std::string Printable(absl::string_view text) {
  std::string printable;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppendFormat(&printable, "\\x%02x",
                            static_cast<unsigned char>(c));
    } else {
      printable.push_back(c);
    }
  }
  return printable;
}

}  // namespace

int ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return 0;
  if (absl::StartsWith(base::ReasonOf(status), "FILE_")) return kLocalFile;
  return status.code() == absl::StatusCode::kInvalidArgument ? kUsage
                                                             : kRefused;
}

absl::Status UsageError(absl::string_view what) {
  std::string message(what);
  if (!message.empty()) {
    message[0] =
        absl::ascii_tolower(static_cast<unsigned char>(message.front()));
  }
  return base::Fail(absl::StatusCode::kInvalidArgument, "USAGE",
                    absl::StrCat(message, "; see bootseal-token --help"));
}

std::string FailureText(const absl::Status& status, Form form) {
  if (form == Form::kJson) return Json(status);
  return absl::StrCat("bootseal-token: ", base::ReasonOf(status), ": ",
                      Printable(status.message()), "\n");
}

}  // namespace bootseal::hsm::commands
