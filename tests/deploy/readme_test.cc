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

std::string Readme() {
  std::ifstream in(BOOTSEAL_SOURCE_DIR "/README.md");
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

TEST(Readme, ShowsWhatTheQuickstartPrints) {
  const Quickstart quickstart;
  const Outcome run = quickstart.Run();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const std::string printed =
      absl::StrReplaceAll(run.out, {{quickstart.home(), "build/quickstart"},
                                    {BOOTSEAL_BUILD_DIR, "build/release"}});
  EXPECT_EQ(Normalised(Part(Readme(), "==> token", "```")),
            Normalised(Part(printed, "==> token", "```")));
}

// Rows of the table: the commands in each one's last column.
std::vector<std::string> DailyCommands() {
  std::vector<std::string> rows;
  const std::string section = Part(Readme(), "## Day to day", "\n## ");
  const std::regex command("`([^`]+)`");
  for (const auto& line : absl::StrSplit(section, '\n')) {
    if (!absl::StartsWith(line, "| ")) continue;
    const std::string row(line);
    std::string commands;
    for (std::sregex_iterator it(row.begin(), row.end(), command), end;
         it != end; ++it) {
      absl::StrAppend(&commands, (*it)[1].str(), "\n");
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

TEST(Readme, EveryDailyCommandWorksAsTyped) {
  const Quickstart quickstart;
  const Outcome run = quickstart.Run();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  MakeClone(quickstart);
  const std::vector<std::string> rows = DailyCommands();
  EXPECT_GE(rows.size(), 9U);
  for (const std::string& commands : rows) {
    const Outcome outcome = tests::Run(
        {"bash", "-euc",
         absl::StrCat("cd \"$1\"\n. build/quickstart/env\n", commands), "-",
         quickstart.Beside("")},
        quickstart.settings());
    EXPECT_EQ(outcome.exit_code, 0) << commands << outcome.out << outcome.err;
  }
}

}  // namespace
}  // namespace bootseal::tests
