// The completions as shells run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/deploy/pages/definitions.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

using Lines = std::vector<std::string>;

bool Has(const std::string& program) {
  return Run({"sh", "-c", "command -v \"$1\"", "-", program}).exit_code == 0;
}

// What bash offers behind these words; the last one is being typed. readline
// takes "=" for a word.
Lines Bash(const Lines& words) {
  const std::string function =
      absl::StrReplaceAll(absl::StrCat("_", words.front()), {{"-", "_"}});
  Lines command{
      "bash", "-c",
      absl::StrCat("set -u; source \"$1\"; shift; COMP_WORDS=(\"$@\") "
                   "COMP_CWORD=$(($# - 1)); ",
                   function,
                   "; (( ! ${#COMPREPLY[@]} )) || printf '%s\\n' "
                   "\"${COMPREPLY[@]}\""),
      "-", CompletionPath(words.front(), "bash")};
  command.insert(command.end(), words.begin(), words.end());
  const Outcome outcome = Run(command);
  EXPECT_EQ(outcome.err, "");
  return absl::StrSplit(outcome.out, '\n', absl::SkipEmpty());
}

TEST(BashCompletion, OffersTheCommandsOfAProgram) {
  EXPECT_THAT(Bash({"bootseal", ""}),
              IsSupersetOf({"sign", "verify", "audit", "fwu", "imgtool"}));
  EXPECT_THAT(Bash({"bootseal-token", "gen"}), ElementsAre("generate"));
  EXPECT_THAT(Bash({"bootseal-fwu", "rep"}), ElementsAre("repair"));
}

TEST(BashCompletion, OffersTheCommandsOfAGroup) {
  EXPECT_THAT(Bash({"bootseal", "audit", "t"}), ElementsAre("tail"));
  EXPECT_THAT(Bash({"bootseal", "fwu", "layout", ""}),
              UnorderedElementsAre("create", "check"));
}

TEST(BashCompletion, OffersOptionsOfTheCommandAndOfTheProgram) {
  EXPECT_THAT(Bash({"bootseal", "audit", "list", "--dec"}),
              ElementsAre("--decision"));
  EXPECT_THAT(Bash({"bootseal", "audit", "list", "--ser"}),
              ElementsAre("--server"));
  EXPECT_THAT(Bash({"bootseald", "--c"}),
              UnorderedElementsAre("--config", "--check-keys"));
}

TEST(BashCompletion, OffersNoOptionThatTheCommandDoesNotTake) {
  EXPECT_THAT(Bash({"bootseal", "audit", "list", "--rec"}), IsEmpty());
  // imgtool takes none of ours.
  EXPECT_THAT(Bash({"bootseal", "imgtool", "sign", "--serv"}), IsEmpty());
}

TEST(BashCompletion, OffersTheChoicesOfAnOption) {
  EXPECT_THAT(Bash({"bootseal", "audit", "list", "--decision", ""}),
              ElementsAre("allowed", "refused", "pending"));
  EXPECT_THAT(Bash({"bootseal", "audit", "list", "--decision", "=", "re"}),
              ElementsAre("refused"));
  EXPECT_THAT(Bash({"bootseal", "audit", "list", "--decision", "="}),
              ElementsAre("allowed", "refused", "pending"));
  EXPECT_THAT(Bash({"bootseal", "imgtool", "sign", "-e", ""}),
              ElementsAre("little", "big"));
}

TEST(BashCompletion, OffersNothingForANumber) {
  EXPECT_THAT(Bash({"bootseal", "audit", "list", "--limit", ""}), IsEmpty());
}

TEST(BashCompletion, TakesTheValueOfAnOptionForNoCommand) {
  EXPECT_THAT(Bash({"bootseal", "--server", "audit", "ver"}),
              UnorderedElementsAre("verify", "version"));
  EXPECT_THAT(Bash({"bootseal", "--server", "=", "audit", "sign-"}),
              ElementsAre("sign-range"));
}

TEST(BashCompletion, OffersFilesForTextAndArguments) {
  const TemporaryFolder folder;
  std::ofstream(folder.File("a firmware.bin")) << "x";
  EXPECT_THAT(Bash({"bootseal", "sign", folder.File("a")}),
              ElementsAre(folder.File("a firmware.bin")));
  EXPECT_THAT(Bash({"bootseal", "--ca", folder.File("a")}),
              ElementsAre(folder.File("a firmware.bin")));
}

// What fish offers, without its descriptions.
Lines Fish(const std::string& line) {
  const std::string program = line.substr(0, line.find(' '));
  const Outcome outcome =
      Run({"fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]",
           CompletionPath(program, "fish"), line});
  EXPECT_EQ(outcome.err, "");
  Lines offers;
  for (const absl::string_view each :
       absl::StrSplit(outcome.out, '\n', absl::SkipEmpty())) {
    offers.emplace_back(each.substr(0, each.find('\t')));
  }
  return offers;
}

class FishCompletion : public testing::Test {
 protected:
  void SetUp() override {
    if (!Has("fish")) GTEST_SKIP() << "no fish here";
  }
};

TEST_F(FishCompletion, OffersCommandsOptionsAndChoices) {
  EXPECT_THAT(Fish("bootseal audit t"), ElementsAre("tail"));
  EXPECT_THAT(Fish("bootseal audit list --dec"), ElementsAre("--decision"));
  EXPECT_THAT(Fish("bootseal audit list --ser"), ElementsAre("--server"));
  EXPECT_THAT(Fish("bootseal audit list --decision "),
              UnorderedElementsAre("allowed", "refused", "pending"));
  EXPECT_THAT(Fish("bootseal-token gen"), ElementsAre("generate"));
  EXPECT_THAT(Fish("bootseald --c"),
              UnorderedElementsAre("--config", "--check-keys"));
}

TEST_F(FishCompletion, OffersNothingThatTheCommandDoesNotTake) {
  EXPECT_THAT(Fish("bootseal audit list --rece"), IsEmpty());
  EXPECT_THAT(Fish("bootseal imgtool sign --serv"), IsEmpty());
}

TEST_F(FishCompletion, TakesTheValueOfAnOptionForNoCommand) {
  EXPECT_THAT(Fish("bootseal --server audit sign-"), ElementsAre("sign-range"));
}

// Our function as zsh runs it; what it hands to zsh's own is printed.
std::string Zsh(const Lines& words) {
  const std::string function =
      absl::StrReplaceAll(absl::StrCat("_", words.front()), {{"-", "_"}});
  Lines command{"zsh", "-fc",
                absl::StrCat("compdef() { }\n"
                             "_arguments() { print -rl -- \"$@\" }\n"
                             "_describe() { print -rl -- ${(P)4} }\n"
                             "source $1; shift; words=(\"$@\") CURRENT=$#\n"
                             "PREFIX=$words[-1]; ",
                             function),
                "-", CompletionPath(words.front(), "zsh")};
  command.insert(command.end(), words.begin(), words.end());
  const Outcome outcome = Run(command);
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

class ZshCompletion : public testing::Test {
 protected:
  void SetUp() override {
    if (!Has("zsh")) GTEST_SKIP() << "no zsh here";
  }
};

TEST_F(ZshCompletion, HandsOverCommandsOptionsAndChoices) {
  EXPECT_THAT(Zsh({"bootseal", "audit", ""}),
              HasSubstr("\ntail:follow new entries\n"));
  const std::string list = Zsh({"bootseal", "audit", "list", "--"});
  EXPECT_THAT(list, HasSubstr("--decision=[only with this decision]:TEXT:"
                              "(allowed refused pending)\n"));
  EXPECT_THAT(list, HasSubstr("\n--server=["));
  EXPECT_THAT(list, Not(HasSubstr("\n--receipt=[")));
  EXPECT_THAT(Zsh({"bootseal", "imgtool", "sign", "--"}),
              Not(HasSubstr("\n--server=[")));
}

TEST_F(ZshCompletion, ParsesForEveryProgram) {
  for (const char* program :
       {"bootseal", "bootseal-fwu", "bootseal-token", "bootseald"}) {
    const Outcome outcome =
        tests::Run({"zsh", "-n", CompletionPath(program, "zsh")});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
}

}  // namespace
}  // namespace bootseal::tests
