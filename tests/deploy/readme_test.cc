// README.md tells the truth about the quickstart: what it shows was printed,
// what it has the reader type works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/deploy/quickstart.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

std::string Read(const std::string& file) {
  std::ifstream in(absl::StrCat(BOOTSEAL_SOURCE_DIR "/", file));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// From `begin`, with it, up to `end`.
std::string Part(const std::string& text, const std::string& begin,
                 const std::string& end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return absl::StrCat("no ", begin);
  return text.substr(at, text.find(end, at) - at);
}

// What differs between two runs, and between two homes, is left out.
std::string Normalised(std::string text) {
  const std::pair<const char*, const char*> kDifferences[] = {
      {"[0-9a-f]{32,}", "HEX"},
      {"127\\.0\\.0\\.1:[0-9]+", "127.0.0.1:PORT"},
      {"process [0-9]+", "process N"},
      {"\\([0-9]+ bytes", "(N bytes"},
      {"build/[a-z]+/firmware/mps2-an521/boot-", "build/quickstart/boot-"},
      {"build/(dev|asan|tsan|release)/", "build/release/"},
      {"BOOTSEAL_QUICKSTART_HOME=[^ ]+ ", ""},
  };
  for (const auto& [pattern, replacement] : kDifferences) {
    text = std::regex_replace(text, std::regex(pattern), replacement);
  }
  return text;
}

// The rows of a picture that deploy/terminal_picture drew, joined to lines.
std::string PicturedLines(const std::string& picture) {
  const std::regex row("<text class=\"([^\"]*)\"[^>]*>([^<]*)</text>");
  std::string lines;
  for (std::sregex_iterator it(picture.begin(), picture.end(), row), end;
       it != end; ++it) {
    const bool goes_on = absl::EndsWith((*it)[1].str(), " more");
    if (!goes_on && !lines.empty()) absl::StrAppend(&lines, "\n");
    absl::StrAppend(
        &lines,
        absl::StrReplaceAll((*it)[2].str(),
                            {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}));
  }
  return lines;
}

TEST(Readme, PicturesWhatTheQuickstartPrints) {
  const Quickstart quickstart;
  const Outcome run = quickstart.Run();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const std::string printed =
      absl::StrReplaceAll(run.out, {{quickstart.home(), "build/quickstart"},
                                    {BOOTSEAL_BUILD_DIR, "build/release"}});
  EXPECT_EQ(Normalised(PicturedLines(Read("deploy/terminal.svg"))),
            Normalised(Part(printed, "==> sign a payload", "\n\nIt works")));
  EXPECT_THAT(Read("README.md"), HasSubstr("(deploy/terminal.svg)"));
}

TEST(Readme, PicturesLongLinesAndMarkupAsTheyWere) {
  const std::string text =
      absl::StrCat(std::string(300, 'x'), " <a & b>\n\n$ last");
  const Outcome drawn =
      tests::Run({"bash", "-c", "printf '%s\\n' \"$1\" | \"$2\"", "-", text,
                  BOOTSEAL_SOURCE_DIR "/deploy/terminal_picture"});
  ASSERT_EQ(drawn.exit_code, 0) << drawn.err;
  EXPECT_EQ(PicturedLines(drawn.out), text);
}

// As a shell line that fails where the reader would see something else: the
// shell itself lets a "!" pass whatever comes of its command.
std::string Typed(const std::string& command) {
  if (!absl::StartsWith(command, "! ")) return absl::StrCat(command, "\n");
  return absl::StrCat("if ", command.substr(2), "; then\n",
                      "echo 'README says that this is refused' >&2; exit 1\n",
                      "fi\n");
}

// Rows of a section's table: the commands in each one's last column.
std::vector<std::string> CommandRows(const std::string& heading) {
  std::vector<std::string> rows;
  const std::string section = Part(Read("README.md"), heading, "\n## ");
  const std::regex command("`([^`]+)`");
  for (const auto& line : absl::StrSplit(section, '\n')) {
    if (!absl::StartsWith(line, "| ")) continue;
    const std::string row(line);
    std::string commands;
    for (std::sregex_iterator it(row.begin(), row.end(), command), end;
         it != end; ++it) {
      absl::StrAppend(&commands, Typed((*it)[1].str()));
    }
    if (!commands.empty()) rows.push_back(commands);
  }
  return rows;
}

// The reader's clone: this build, and the quickstart's home where README has
// it.
void MakeClone(const Quickstart& quickstart) {
  const std::string build = quickstart.Beside("build");
  std::filesystem::create_directory(build);
  std::filesystem::create_symlink(quickstart.home(), build + "/quickstart");
  std::filesystem::create_symlink(BOOTSEAL_BUILD_DIR, build + "/release");
  for (const std::string folder : {"client", "deploy", "firmware"}) {
    std::filesystem::create_symlink(BOOTSEAL_SOURCE_DIR "/" + folder,
                                    quickstart.Beside(folder));
  }
}

// As the quickstart's ci, in the clone.
Outcome Type(const Quickstart& quickstart, const std::string& commands) {
  return tests::Run(
      {"bash", "-euc",
       absl::StrCat("cd \"$1\"\n. build/quickstart/env\n", commands), "-",
       quickstart.Beside("")},
      quickstart.settings());
}

// The second of the two first commands; the quickstart is the first.
std::string SecondCommand() {
  const std::string begin = "```\ndeploy/quickstart\n";
  return Part(Read("README.md"), begin, "\n```").substr(begin.size());
}

TEST(Readme, EveryCommandWorksAsTyped) {
  const Quickstart quickstart;
  const Outcome run = quickstart.Run();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  MakeClone(quickstart);
  std::vector<std::string> rows = {absl::StrCat(SecondCommand(), "\n")};
  EXPECT_THAT(rows[0], HasSubstr("bootseal sign"));
  for (const std::string heading :
       {"## Who does what, with which command", "## Day to day"}) {
    const std::vector<std::string> more = CommandRows(heading);
    EXPECT_GE(more.size(), 9U) << heading;
    rows.insert(rows.end(), more.begin(), more.end());
  }
  for (const std::string& commands : rows) {
    const Outcome outcome = Type(quickstart, commands);
    EXPECT_EQ(outcome.exit_code, 0) << commands << outcome.out << outcome.err;
  }
}

}  // namespace
}  // namespace bootseal::tests
