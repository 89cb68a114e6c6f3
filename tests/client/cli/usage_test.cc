// What the command line itself says: help, usage errors, and texts of others
// that reach a terminal.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/cli/offline_fixture.h"

namespace bootseal::tests {
namespace {

using UsageTest = OfflineTest;

// What is wrong with a command line, and the word that must be named.
struct Wrong {
  const char* name;
  std::vector<std::string> arguments;
  const char* says;
};

class WrongUsageTest : public OfflineTest,
                       public testing::WithParamInterface<Wrong> {};

TEST_P(WrongUsageTest, IsNamedBeforeWhatIsMissing) {
  const Outcome outcome = Bootseal(GetParam().arguments);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().says));
  EXPECT_THAT(outcome.err, Not(HasSubstr("required")));
  EXPECT_EQ(outcome.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, WrongUsageTest,
    testing::Values(
        Wrong{"Command", {"foo"}, "no command \"foo\"; known: keys, targets"},
        Wrong{"CommandOfAGroup",
              {"audit", "foo"},
              "no command \"audit foo\"; known: list, show, tail, verify"},
        Wrong{"Option", {"--foo", "sign"}, "no option \"--foo\""},
        Wrong{"OptionNearAnother",
              {"sign", "--confg=x", "--target", "a"},
              "no option \"--confg\", the nearest is --config; see bootseal "
              "sign --help"},
        Wrong{"OptionNearOneOfTheCommand",
              {"sign", "--versoin", "1.2.3"},
              "no option \"--versoin\", the nearest is --version"},
        Wrong{"OptionTooShortToBeNearOne",
              {"inspect", "--bar", "a"},
              "no option \"--bar\"; see bootseal inspect --help"},
        Wrong{"StandardInputThatIsOneFileTooMany",
              {"inspect", "a", "-"},
              "\"-\" is one argument too many"},
        Wrong{"OptionWithoutACommand", {"--foo"}, "no option \"--foo\""},
        Wrong{"OptionOfACommand",
              {"sign", "--foo"},
              "no option \"--foo\"; see bootseal sign --help"},
        Wrong{"OptionOfACommandInAGroup",
              {"keys", "show", "--foo"},
              "no option \"--foo\"; see bootseal keys show --help"},
        Wrong{"ArgumentTooMany",
              {"inspect", "a", "b"},
              "\"b\" is one argument too many; see bootseal inspect --help"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(UsageTest, WhatIsMissingIsNamedWithItsCommand) {
  const Outcome outcome = Bootseal({"sign", "--target", "app"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("is required; see bootseal sign --help"));
  EXPECT_THAT(Bootseal({}).err, HasSubstr("is required; see bootseal --help"));
}

// As scripts write it, before names that may begin with a dash.
TEST_F(UsageTest, TheMarkBeforeFilesHidesNoMistake) {
  struct Case {
    std::vector<std::string> arguments;
    const char* says;
  };
  for (const Case& each :
       {Case{{"sign", "--target", "a", "-o", "b", "--", "c"},
             "--version is required"},
        Case{{"sign", "--target", "", "--version", "1.0.0", "-o", "b", "--",
              "c"},
             "--target: \"\" is empty"},
        Case{{"sign", "--target", "a", "--version", "1.0.0", "-o", "", "--",
              "c"},
             "is empty"},
        Case{{"inspect", "--", "a", "b"}, "\"b\" is one argument too many"},
        Case{{"inspect", "--", "-a", "-b"}, "\"-b\" is one argument too many"},
        Case{{"inspect", "--foo", "--", "--foo"}, "no option \"--foo\""},
        Case{{"inspect", "--foo", "--", "a"}, "no option \"--foo\""}}) {
    const Outcome outcome = Bootseal(each.arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr(each.says));
  }
}

TEST_F(UsageTest, AWrongWordDoesNotMoveTheCursor) {
  const Outcome outcome = Bootseal({"\x1b[2Jfoo"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("\\x1b[2Jfoo"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("\x1b")));
}

TEST_F(UsageTest, VersionIsAnOptionToo) {
  const Outcome outcome = Bootseal({"--version"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, Bootseal({"version"}).out);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(Bootseal({"--version", "--json"}).out,
            Bootseal({"--json", "version"}).out);
}

// The version of `sign` is the image's.
TEST_F(UsageTest, VersionOfSignIsNotThatOfTheProgram) {
  const Outcome outcome = Bootseal({"sign", "--version"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
}

TEST_F(UsageTest, EveryHelpNamesSettingsEnvironmentAndDefaults) {
  const std::vector<std::vector<std::string>> commands{
      {"--help"},
      {"sign", "--help"},
      {"audit", "--help"},
      {"audit", "list", "--help"},
      {"targets", "export", "--help"}};
  for (const std::vector<std::string>& command : commands) {
    const Outcome outcome = Bootseal(command);
    EXPECT_EQ(outcome.exit_code, 0);
    for (const char* word :
         {"--server", "--ca", "--cert", "--key", "--log-key", "--config",
          "--json", "BOOTSEAL_SERVER", "BOOTSEAL_CA", "BOOTSEAL_CERT",
          "BOOTSEAL_KEY", "BOOTSEAL_LOG_KEY", "BOOTSEAL_STATE",
          "~/.config/bootseal/config", "~/.local/state/bootseal",
          "Exit status"}) {
      EXPECT_THAT(outcome.out, HasSubstr(word)) << command.front();
    }
  }
}

TEST_F(UsageTest, HelpShowsDefaults) {
  EXPECT_THAT(Bootseal({"sign", "--help"}).out,
              testing::ContainsRegex("--timeout [^\n]*300"));
  EXPECT_THAT(Bootseal({"audit", "list", "--help"}).out,
              testing::ContainsRegex("--limit [^\n]*100"));
  EXPECT_THAT(Bootseal({"targets", "export", "--help"}).out,
              testing::ContainsRegex("--format [^\n]*textproto"));
}

TEST_F(UsageTest, NumbersAreInRangeAndNeverOctal) {
  for (const char* start : {"99999999999999999999", "18446744073709551616",
                            "-1", "010", "0x", "1.5", "", "one", "9 "}) {
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"audit", "list"},
                                               {"audit", "tail"}}) {
      const Outcome outcome =
          Bootseal({command[0], command[1], std::string("--start=") + start});
      EXPECT_EQ(outcome.exit_code, 2) << start << outcome.err;
      EXPECT_THAT(outcome.err, HasSubstr("--start")) << start;
    }
    EXPECT_EQ(Bootseal({"audit", "show", "--", start}).exit_code, 2) << start;
  }
}

TEST_F(UsageTest, TargetAndProfileTogetherAreTooMuch) {
  for (const char* command : {"verify", "explain"}) {
    const Outcome outcome =
        Bootseal({command, "--json", "--target", "app", "--profile", "profile",
                  absl::StrCat(kVectors, "tfm-s.bin")});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("\"reason\":\"TARGET_AND_PROFILE\""));
    const Outcome neither =
        Bootseal({command, "--json", absl::StrCat(kVectors, "tfm-s.bin")});
    EXPECT_EQ(neither.exit_code, 2);
    EXPECT_THAT(neither.err, HasSubstr("\"reason\":\"TARGET_MISSING\""));
  }
}

// What can judge nothing is a wrong file, and no verdict.
TEST_F(UsageTest, AProfileThatIsNoneIsAWrongFile) {
  const std::string keyless =
      "target { name: \"app\" key: \"app\" requesters: \"ci\" mcuboot { "
      "header_size: 1024 slot_size: 262144 } }";
  for (const std::string& profile :
       {std::string("/dev/null"), WriteFile("keyless", keyless),
        WriteFile("other", "target { name: \"app\" }")}) {
    for (const char* command : {"verify", "explain"}) {
      const Outcome outcome = Bootseal({command, "--json", "--profile", profile,
                                        absl::StrCat(kVectors, "tfm-s.bin")});
      EXPECT_EQ(outcome.exit_code, 5) << profile;
      EXPECT_EQ(outcome.out, "") << profile;
      EXPECT_THAT(outcome.err, HasSubstr("\"reason\":\"PROFILE_INVALID\""));
      EXPECT_THAT(outcome.err, HasSubstr(profile));
    }
  }
}

TEST_F(UsageTest, NamesOfFilesDoNotMoveTheCursor) {
  const std::string image =
      WriteFile("a\x1b[2J\nFORGED", Read(absl::StrCat(kVectors, "tfm-s.bin")));
  const std::string profile = WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072");
  const std::string policy = WriteFile("p\x1b[2J", "version: 1\n");
  const std::vector<std::vector<std::string>> commands{
      {"verify", "--profile", profile, image},
      {"explain", "--profile", profile, image},
      {"inspect", image},
      {"policy", "check", policy},
      {"inspect", folder_.File("none\x1b[2J")},
      {"policy", "check", image}};
  for (const std::vector<std::string>& command : commands) {
    const Outcome outcome = Bootseal(command);
    EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("\x1b")))
        << command.front();
    EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("\nFORGED")))
        << command.front();
  }
}

// The libraries have voices of their own.
TEST_F(UsageTest, OnlyOurOwnErrorsAreOnStandardError) {
  const std::string binary =
      WriteFile("binary", std::string("\x08\xff\x80", 3));
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{
           {"--json", "inspect", binary},
           {"--json", "verify", "--profile", binary, binary}}) {
    const Outcome outcome = Bootseal(command);
    EXPECT_NE(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err.rfind("{\"error\":", 0), 0U) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1)
        << outcome.err;
  }
  environment_["GRPC_VERBOSITY"] = "ERROR";
  EXPECT_THAT(
      Bootseal({"policy", "check", WriteFile("text", "version: 1 x {")}).err,
      HasSubstr("POLICY_INVALID"));
}

}  // namespace
}  // namespace bootseal::tests
