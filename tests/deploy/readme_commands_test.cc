// What README.md and those of the folders have a newcomer type works as it
// stands there, and leaves nothing in the clone that git would see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/deploy/quickstart.h"
#include "tests/deploy/readme.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;

// What is in `from`, but `name`, as links in a new folder `to`.
void LinkAllBut(const std::string& name, const fs::path& from,
                const fs::path& to) {
  fs::create_directory(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().filename() == name) continue;
    fs::create_symlink(entry.path(), to / entry.path().filename());
  }
}

// After the first of the two first commands: the sources, this build, and the
// quickstart's home and bootloader where a reader has them.
class Clone : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome run = quickstart_.Run();
    ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
    for (const std::string folder : {"client", "deploy", "firmware", "proto"}) {
      fs::copy(BOOTSEAL_SOURCE_DIR "/" + folder, quickstart_.Beside(folder),
               fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    }
    fs::copy(BOOTSEAL_SOURCE_DIR "/.gitignore",
             quickstart_.Beside(".gitignore"));
    MakeBuild();
    const Outcome made = Type(
        "git init -q && git add client deploy firmware proto .gitignore && "
        "git -c user.name=a -c user.email=a@example.com commit -qm a\n");
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  // In a shell of its own, from the clone; standard error has each line before
  // what comes of it.
  Outcome Type(const std::string& lines) const {
    const std::string script = quickstart_.File("typed");
    std::ofstream(script) << "cd \"$1\"\n" << lines;
    Environment settings = quickstart_.settings();
    settings["GIT_CONFIG_NOSYSTEM"] = "1";
    return tests::Run({"bash", "-euv", script, quickstart_.Beside("")},
                      settings, std::chrono::seconds(240));
  }

  // Files beside those of the clone that are in nobody's way.
  std::string Untracked() const {
    const Outcome status = Type(
        absl::StrCat("git status --porcelain --untracked-files=all -- . ':!",
                     fs::path(quickstart_.home()).filename().string(), "'\n"));
    EXPECT_EQ(status.exit_code, 0) << status.err;
    return status.out;
  }

 private:
  void MakeBuild() {
    const fs::path build = quickstart_.Beside("build");
    const fs::path made = BOOTSEAL_BUILD_DIR;
    const std::string board = "mps2-an521";
    const std::string elf = absl::StrCat("boot-", board, ".elf");
    fs::create_directory(build);
    fs::create_symlink(quickstart_.home(), build / "quickstart");
    LinkAllBut("firmware", made, build / "release");
    LinkAllBut(board, made / "firmware", build / "release/firmware");
    LinkAllBut(elf, made / "firmware" / board,
               build / "release/firmware" / board);
    fs::create_symlink(quickstart_.File(elf),
                       build / "release/firmware" / board / elf);
  }

  Quickstart quickstart_;
};

using ReadmeInAClone = Clone;

// The second of the two first commands, then both tables, each after the block
// above it: as somebody does who reads from top to bottom in one shell.
TEST_F(ReadmeInAClone,
       WorksInOneShellFromTopToBottomAndLeavesNothingInTheClone) {
  const std::string readme = ReadDocument("README.md");
  const std::string quickstart = "deploy/quickstart\n";
  const std::vector<std::string> blocks = CodeBlocks(readme);
  ASSERT_TRUE(absl::StartsWith(blocks.at(0), quickstart));
  std::string lines = blocks[0].substr(quickstart.size());
  for (const std::string heading :
       {"## Who does what, with which command\n", "## Day to day\n"}) {
    const std::string section = Part(readme, heading, "\n## ");
    const std::vector<std::string> prepared = CodeBlocks(section);
    ASSERT_EQ(prepared.size(), 1U) << heading;
    const std::vector<std::string> commands = TableCommands(section);
    EXPECT_GE(commands.size(), 20U) << heading;
    absl::StrAppend(&lines, prepared[0], absl::StrJoin(commands, ""));
  }
  const Outcome outcome = Type(lines);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(Untracked(), "");
}

// Blocks that begin with an identity of the quickstart.
TEST_F(ReadmeInAClone, OfEachFolderWorksAndLeavesNothingInTheClone) {
  std::size_t typed = 0;
  for (const std::string file :
       {"client/integrations/README.md", "client/integrations/cmake/README.md",
        "client/integrations/make/README.md",
        "client/integrations/shell/README.md", "deploy/monitoring/README.md",
        "firmware/README.md", "hsm/README.md", "proto/README.md",
        "server/README.md"}) {
    const std::size_t before = typed;
    for (const std::string& block : CodeBlocks(ReadDocument(file))) {
      if (!absl::StartsWith(block, ". build/quickstart/env")) continue;
      ++typed;
      const Outcome outcome = Type(block);
      EXPECT_EQ(outcome.exit_code, 0) << file << outcome.out << outcome.err;
    }
    EXPECT_GT(typed, before) << file;
  }
  EXPECT_EQ(Untracked(), "");
  // It would be seen.
  ASSERT_EQ(Type("touch client/app.signed.bin build/app.bin\n").exit_code, 0);
  EXPECT_EQ(Untracked(), "?? client/app.signed.bin\n");
}

TEST(Readme, WouldBeFoundToSayOfWhatWorksThatItIsRefused) {
  const auto status = [](const std::string& row) {
    return tests::Run({"bash", "-euc", TableCommands(row).at(0)}).exit_code;
  };
  EXPECT_EQ(status("| asks | `! false`, `true` |"), 0);
  EXPECT_NE(status("| asks | `! true` |"), 0);
  EXPECT_NE(status("| asks | `false` |"), 0);
}

}  // namespace
}  // namespace bootseal::tests
