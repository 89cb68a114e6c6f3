// Manual pages: all of the definitions is in them, and no reader complains.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "deploy/pages/completion.h"
#include "deploy/pages/man.h"
#include "tests/deploy/pages/definitions.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string InManual(const std::string& option) {
  return absl::StrCat("\\fB", absl::StrReplaceAll(option, {{"-", "\\-"}}),
                      "\\fR");
}

std::string InFish(const std::string& option) {
  return absl::StartsWith(option, "--")
             ? absl::StrCat(" -l ", option.substr(2), " ")
             : absl::StrCat(" -s ", option.substr(1), " ");
}

TEST(Pages, ThereIsOneForEveryCommandWithAllItsOptions) {
  std::size_t options = 0;
  for (const Defined& each : AllDefined()) {
    const std::string page = ManualOf(each.program, each.path);
    EXPECT_THAT(page, HasSubstr(".SH NAME")) << each.path;
    for (const std::string& option : each.options) {
      EXPECT_THAT(page, HasSubstr(InManual(option))) << each.path;
      ++options;
    }
  }
  EXPECT_GT(options, 300U);
}

TEST(Pages, ThereIsNoneForWhatIsNoCommand) {
  std::size_t pages = 0;
  for (const auto& entry : fs::recursive_directory_iterator(BOOTSEAL_PAGES)) {
    pages += entry.path().extension() == ".gz" ? 1 : 0;
  }
  // imgtool and tfm-wrapper are defined twice: as commands, and inside.
  EXPECT_EQ(pages, AllDefined().size() - 2);
}

TEST(Pages, EveryCommandAndOptionIsInAllThreeCompletions) {
  for (const Defined& each : AllDefined()) {
    const std::string bash = Content(CompletionPath(each.program, "bash"));
    const std::string zsh = Content(CompletionPath(each.program, "zsh"));
    const std::string fish = Content(CompletionPath(each.program, "fish"));
    EXPECT_THAT(bash, HasSubstr(absl::StrCat("'", each.path, "')")))
        << each.path;
    EXPECT_THAT(zsh, HasSubstr(absl::StrCat("'", each.path, "')")))
        << each.path;
    EXPECT_THAT(fish, HasSubstr(absl::StrCat("_at ", each.path, "'")))
        << each.path;
    for (const std::string& option : each.options) {
      EXPECT_THAT(bash, HasSubstr(option)) << each.path;
      EXPECT_THAT(zsh, HasSubstr(absl::StrCat(option, ""))) << each.path;
      EXPECT_THAT(fish, HasSubstr(InFish(option))) << each.path;
    }
  }
}

// All pages in one call each.
std::string Complaints(const std::string& reader) {
  const Outcome outcome = Run(
      {"sh", "-c",
       absl::StrCat("find \"$1\" -name '*.gz' | sort | while read -r page; do "
                    "gzip -dc \"$page\" | ",
                    reader, " 2>&1 | sed \"s|^|${page##*/}: |\"; done"),
       "-", BOOTSEAL_PAGES});
  return outcome.out + outcome.err;
}

bool Has(const std::string& program) {
  return tests::Run({"sh", "-c", "command -v \"$1\"", "-", program})
             .exit_code == 0;
}

TEST(Pages, GroffHasNoWarning) {
  if (!Has("groff")) GTEST_SKIP() << "no groff here";
  EXPECT_EQ(Complaints("groff -man -ww -z -Tutf8"), "");
}

TEST(Pages, MandocHasNoWarning) {
  if (!Has("mandoc")) GTEST_SKIP() << "no mandoc here";
  EXPECT_EQ(Complaints("mandoc -Tlint -Wwarning"), "");
}

TEST(Pages, GroffWarnsOfABrokenPage) {
  if (!Has("groff")) GTEST_SKIP() << "no groff here";
  EXPECT_NE(
      tests::Run({"sh", "-c",
                  "printf '.TH X 1\\n.nosuch\\n' | groff -man -ww -z -Tutf8"})
          .err,
      "");
}

// What a definition says never becomes a request or a font.
TEST(Pages, WordsOfADefinitionStayWords) {
  CLI::App app(".SH 'all' of it\\fB", "tool");
  std::string value;
  app.add_option("--name", value, "-o `x` \\ ~ ^ 'y'");
  const pages::Program program = pages::Read(app);
  const std::string page =
      pages::ManualPage(program, program.commands.front(), {"1", "2", "3"});
  EXPECT_THAT(page, HasSubstr("tool \\- \\&.SH \\(aqall\\(aq of it\\efB\n"));
  EXPECT_THAT(page,
              HasSubstr("\\-o \\(gax\\(ga \\e \\(ti \\(ha \\(aqy\\(aq\n"));
}

TEST(Pages, HiddenOptionsStayHidden) {
  CLI::App app("words", "tool");
  std::string value;
  app.add_option("--seen", value, "words");
  app.add_option("--unseen", value, "words")->group("");
  const pages::Program program = pages::Read(app);
  const std::string all = absl::StrCat(
      pages::ManualPage(program, program.commands.front(), {"1", "2", "3"}),
      pages::BashCompletion(program), pages::ZshCompletion(program),
      pages::FishCompletion(program));
  EXPECT_THAT(all, HasSubstr("seen"));
  EXPECT_THAT(all, Not(HasSubstr("unseen")));
}

}  // namespace
}  // namespace bootseal::tests
