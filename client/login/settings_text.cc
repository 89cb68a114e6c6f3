#include "client/login/settings_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/exit_status.h"
#include "client/cli/settings_file.h"

namespace bootseal::login {
namespace {

// A reader splits what is not quoted at commas and spaces; of servers it may.
std::string Line(const cli::SettingLine& line) {
  const bool quoted = line.value.find_first_of(" ,") != std::string::npos &&
                      line.key != "server";
  return quoted ? absl::StrCat(line.key, " = \"", line.value, "\"\n")
                : absl::StrCat(line.key, " = ", line.value, "\n");
}

std::string CommentsOf(const std::string& text) {
  std::string comments;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view bare = absl::StripLeadingAsciiWhitespace(line);
    if (!absl::StartsWith(bare, "#") && !absl::StartsWith(bare, ";")) continue;
    absl::StrAppend(&comments, line, "\n");
  }
  return comments;
}

}  // namespace

absl::StatusOr<std::string> SettingsText(const cli::Settings& settings,
                                         const std::string& path,
                                         const std::string& before) {
  std::string text = CommentsOf(before);
  for (const cli::SettingLine& line : cli::SettingLines(settings)) {
    absl::StrAppend(&text, Line(line));
  }
  const auto read = cli::ParseSettings(path, text);
  const std::vector<std::string> words = SettingsInWords(settings);
  if (read.ok() && SettingsInWords(*read) == words) return text;
  return cli::LocalFileError(
      "SETTING_UNWRITABLE",
      absl::StrCat("a value of these cannot be kept in ", path,
                   ", expected one without ';', quotes and line ends: ",
                   absl::StrJoin(words, "; ")));
}

std::vector<std::string> SettingsInWords(const cli::Settings& settings) {
  std::vector<std::string> words;
  for (const cli::SettingLine& line : cli::SettingLines(settings)) {
    words.push_back(absl::StrCat(line.key, " = ", line.value));
  }
  return words;
}

}  // namespace bootseal::login
