// deploy/runbook.md tells the truth: its commands are run as they stand, in
// their order, in one shell, against a real token and a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

constexpr char kRunbook[] = BOOTSEAL_SOURCE_DIR "/deploy/runbook.md";
constexpr std::chrono::seconds kLimit{240};

// On one line: all others keep the number that they have in the runbook. A
// refusal is one of the documented exit statuses, and no mistake in the command
// (2, or 127).
constexpr char kBegin[] =
    "set -eEuo pipefail; "
    "trap 'case $- in *e*) echo \"runbook.md:$LINENO: exit $?: "
    "$BASH_COMMAND\" >&2 ;; esac' ERR; "
    "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT; "
    "refused() { case $1 in 1|3|4|5) ;; *) echo \"runbook.md:$2: exit $1, "
    "expected a refusal\" >&2; exit 99 ;; esac; };";

struct Script {
  std::string text = kBegin;
  int commands = 0;
  int refusals = 0;
};

// What stands in the blocks. A line that begins with "!" has to be refused.
Script ScriptOf(std::istream& runbook) {
  Script script;
  bool in_block = false;
  std::string line;
  for (int number = 1; std::getline(runbook, line); ++number) {
    absl::string_view command = line;
    const bool fence = absl::StartsWith(command, "```");
    in_block ^= fence;
    if (!in_block || fence) {
      command = "";
    } else if (absl::ConsumePrefix(&command, "! ")) {
      absl::StrAppend(&script.text, "set +e; ", command, "; refused $? ",
                      number, "; set -e\n");
      ++script.refusals;
      continue;
    }
    script.commands += command.empty() ? 0 : 1;
    absl::StrAppend(&script.text, command, "\n");
  }
  return script;
}

// The reader's clone, with this build in it.
void MakeClone(const TemporaryFolder& folder) {
  namespace fs = std::filesystem;
  fs::create_directory(folder.File("build"));
  fs::create_symlink(BOOTSEAL_BUILD_DIR, folder.File("build/release"));
  for (const std::string name : {"client", "deploy", "firmware"}) {
    fs::create_symlink(BOOTSEAL_SOURCE_DIR "/" + name, folder.File(name));
  }
}

TEST(Runbook, EveryCommandDoesWhatItSays) {
  std::ifstream runbook(kRunbook);
  const Script script = ScriptOf(runbook);
  EXPECT_GE(script.commands, 100);
  EXPECT_GE(script.refusals, 15);
  const TemporaryFolder folder;
  MakeClone(folder);
  std::ofstream(folder.File("script")) << script.text;
  const Outcome outcome = tests::Run(
      {"bash", "-c", "cd \"$1\" && exec bash script", "-", folder.path()},
      {{"HOME", folder.path()}}, kLimit);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
}

// The test of the test: what it would take for success must not be.
TEST(Runbook, ACommandThatFailsAndARefusalThatDoesNotAreSeen) {
  const TemporaryFolder folder;
  const auto run = [&folder](const std::string& block) {
    std::istringstream runbook("text\n```\n" + block + "\n```\n");
    std::ofstream(folder.File("script")) << ScriptOf(runbook).text;
    return tests::Run({"bash", folder.File("script")}, {}, kLimit);
  };
  EXPECT_EQ(run("true\n! (exit 1)\ntrue").exit_code, 0);
  const Outcome failed = run("true\nfalse | cat\ntrue");
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, testing::HasSubstr("runbook.md:4: exit 1"));
  const Outcome succeeded = run("! true\ntrue");
  EXPECT_EQ(succeeded.exit_code, 99);
  EXPECT_THAT(succeeded.err, testing::HasSubstr("runbook.md:3: exit 0"));
  EXPECT_EQ(run("! no-such-program\ntrue").exit_code, 99);
  EXPECT_EQ(run("! (exit 2)\ntrue").exit_code, 99);
}

}  // namespace
}  // namespace bootseal::tests
