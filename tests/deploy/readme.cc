#include "tests/deploy/readme.h"

#include <fstream>
#include <regex>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace bootseal::tests {
namespace {

std::string Typed(const std::string& command) {
  if (!absl::StartsWith(command, "! ")) return absl::StrCat(command, "\n");
  return absl::StrCat("if ", command.substr(2), "; then ",
                      "echo 'it says that this is refused' >&2; exit 1; fi\n");
}

}  // namespace

std::string ReadDocument(const std::string& file) {
  std::ifstream in(absl::StrCat(BOOTSEAL_SOURCE_DIR "/", file));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Part(const std::string& text, const std::string& begin,
                 const std::string& end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return absl::StrCat("no ", begin);
  return text.substr(at, text.find(end, at) - at);
}

std::vector<std::string> CodeBlocks(const std::string& text) {
  std::vector<std::string> blocks;
  bool inside = false;
  bool wanted = false;
  for (const auto& line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "```")) {
      inside = !inside;
      wanted = inside && line == "```";
      if (wanted) blocks.emplace_back();
      continue;
    }
    if (wanted) absl::StrAppend(&blocks.back(), line, "\n");
  }
  return blocks;
}

std::vector<std::string> TableCommands(const std::string& text) {
  static const std::regex span("`([^`]+)`");
  std::vector<std::string> commands;
  for (const auto& line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, "| ")) continue;
    const std::string row(line);
    for (std::sregex_iterator it(row.begin(), row.end(), span), end; it != end;
         ++it) {
      commands.push_back(Typed((*it)[1].str()));
    }
  }
  return commands;
}

}  // namespace bootseal::tests
