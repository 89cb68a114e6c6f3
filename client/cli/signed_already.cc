#include "client/cli/signed_already.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/shell_word.h"
#include "client/cli/exit_status.h"
#include "client/cli/rpc_status.h"

namespace bootseal::cli {
namespace {

constexpr char kRequestUrl[] = "bootseal/signed-request";
constexpr char kCommandUrl[] = "bootseal/fetch-command";
constexpr char kOption[] = "--request-id";

std::vector<std::string> command_line;

bool NamesItsRequest() {
  return std::any_of(
      command_line.begin(), command_line.end(), [](const std::string& word) {
        return word == kOption ||
               absl::StartsWith(word, absl::StrCat(kOption, "="));
      });
}

std::string CommandFor(absl::string_view request_id) {
  std::vector<std::string> words = command_line;
  if (!NamesItsRequest()) {
    // Behind the mark are files alone.
    words.insert(std::find(words.begin(), words.end(), "--"),
                 {kOption, std::string(request_id)});
  }
  for (std::string& word : words) word = base::ShellWord(word);
  return absl::StrJoin(words, " ");
}

bool IsWorthAnotherTry(const absl::Status& status) {
  const ExitStatus exit = ExitStatusOf(status);
  return exit == ExitStatus::kUnreachable || exit == ExitStatus::kLocalFile;
}

std::string PayloadOf(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  return payload ? std::string(*payload) : std::string();
}

}  // namespace

void RememberCommandLine(const std::vector<std::string>& arguments) {
  command_line = arguments;
}

absl::Status AfterSigning(const absl::Status& status,
                          absl::string_view request_id) {
  if (status.ok() || !IsWorthAnotherTry(status)) return status;
  const std::string command = CommandFor(request_id);
  absl::Status full = WithMessage(
      status,
      absl::StrCat(status.message(),
                   "\nwhat you asked for was signed and logged as request ",
                   request_id, "; fetch it again: ", command));
  full.SetPayload(kRequestUrl, absl::Cord(request_id));
  full.SetPayload(kCommandUrl, absl::Cord(command));
  return full;
}

absl::Status AfterLogging(const absl::Status& status, absl::string_view what,
                          absl::string_view next) {
  if (status.ok() || !IsWorthAnotherTry(status)) return status;
  return WithMessage(status, absl::StrCat(status.message(), "\n", what,
                                          " was logged; ", next));
}

std::string SignedRequestOf(const absl::Status& status) {
  return PayloadOf(status, kRequestUrl);
}

std::string FetchCommandOf(const absl::Status& status) {
  return PayloadOf(status, kCommandUrl);
}

}  // namespace bootseal::cli
