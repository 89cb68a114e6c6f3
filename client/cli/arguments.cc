#include "client/cli/arguments.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

// What is wrong; empty when nothing is. The text itself is not repeated raw.
std::string JudgeText(std::string& text) {
  const std::string printable = Printable(text);
  if (printable == text) return {};
  return absl::StrCat("\"", printable,
                      "\" has control characters or is not UTF-8");
}

std::string JudgeRequestId(std::string& id) {
  if (id.empty() || id.size() > kMaxRequestIdBytes) {
    return absl::StrCat("request id of ", id.size(), " bytes, expected 1 to ",
                        kMaxRequestIdBytes);
  }
  return JudgeText(id);
}

std::string JudgeSeconds(std::string& text) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds) && seconds > 0) return {};
  return absl::StrCat("\"", Printable(text),
                      "\" is not a number of seconds above 0");
}

}  // namespace

CLI::Validator PlainText() { return {JudgeText, "", "plain text"}; }
CLI::Validator RequestId() { return {JudgeRequestId, "", "request id"}; }
CLI::Validator PositiveSeconds() { return {JudgeSeconds, "", "seconds"}; }

}  // namespace bootseal::cli
