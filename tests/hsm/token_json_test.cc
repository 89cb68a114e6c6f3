// bootseal-token --json: what programs read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/process.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using tests::Outcome;
using tests::SoftHsmToken;
using tests::TemporaryFolder;

namespace fs = std::filesystem;

class TokenJson : public testing::Test {
 protected:
  Outcome Tool(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    return softhsm_.Tool(arguments);
  }

  Outcome Init(const std::string& label, const std::string& pin_path) const {
    return tests::Run(
        {BOOTSEAL_TOKEN_PROGRAM, "init", "--json", "--label", label,
         "--pin-file", pin_path, "--so-pin-file", softhsm_.so_pin_path()},
        softhsm_.environment());
  }

  std::string PrivateKey() const {
    const std::string path = folder_.File("key.pem");
    EXPECT_EQ(tests::Run(
                  {"openssl", "genpkey", "-algorithm", "ED25519", "-out", path})
                  .exit_code,
              0);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return path;
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
};

// One object on standard error and nothing else anywhere.
void ExpectError(const Outcome& outcome, int exit_code, const std::string& code,
                 const std::string& reason) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(
      outcome.err,
      AllOf(StartsWith(absl::StrCat("{\"error\":{\"code\":\"", code,
                                    "\",\"reason\":\"", reason,
                                    "\",\"message\":\"")),
            EndsWith(absl::StrCat(",\"exit_status\":", exit_code, "}}\n"))));
  EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1);
}

TEST_F(TokenJson, NamesTheTokenThatInitMade) {
  const Outcome init = Init("second", softhsm_.pin_path());
  EXPECT_EQ(init.exit_code, 0) << init.err;
  EXPECT_EQ(init.out, "{\"token\":\"second\"}\n");
}

TEST_F(TokenJson, ShowsTheKeyThatGenerateOrImportMadeAsShowDoes) {
  const std::string made[] = {
      Tool({"generate", "--label", "app", "--algorithm", "p256"}).out,
      Tool({"import", "--accept-imported", "--label", "old", PrivateKey()})
          .out};
  EXPECT_THAT(made[0], StartsWith("{\"label\":\"app\",\"id\":\""));
  EXPECT_THAT(made[0], HasSubstr("\"token_label\":\"bootseal\""));
  EXPECT_THAT(made[1], HasSubstr("\"verdict\":\"KEY_IMPORTED\""));
  EXPECT_EQ(made[0], Tool({"show", "--label", "app"}).out);
  EXPECT_EQ(made[1], Tool({"show", "--label", "old"}).out);
}

TEST_F(TokenJson, LeavesAnExportedKeyInItsFormat) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  EXPECT_THAT(Tool({"export-public", "--label", "app", "--format", "pem"}).out,
              StartsWith("-----BEGIN PUBLIC KEY-----\n"));
}

TEST_F(TokenJson, TellsARefusalOfEveryCommandAsAnObject) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  ExpectError(Init("bootseal", softhsm_.pin_path()), 1, "FAILED_PRECONDITION",
              "TOKEN_EXISTS");
  ExpectError(Tool({"generate", "--label", "app", "--algorithm", "p256"}), 1,
              "FAILED_PRECONDITION", "KEY_EXISTS");
  ExpectError(Tool({"show", "--label", "lost"}), 1, "FAILED_PRECONDITION",
              "KEY_MISSING");
  ExpectError(Tool({"export-public", "--label", "app", "--format", "vkey",
                    "--origin", "log.example"}),
              1, "FAILED_PRECONDITION", "KEY_TYPE");
}

TEST_F(TokenJson, TellsALocalFileWithItsPath) {
  const std::string lost = folder_.File("lost");
  ExpectError(Init("second", lost), 5, "NOT_FOUND", "FILE_NOT_FOUND");
  const Outcome import =
      Tool({"import", "--accept-imported", "--label", "a", lost});
  ExpectError(import, 5, "NOT_FOUND", "FILE_NOT_FOUND");
  EXPECT_THAT(import.err, HasSubstr(lost));
}

TEST_F(TokenJson, TellsWrongUsageAsAnObject) {
  ExpectError(Tool({"generate", "--label", "a", "--algorithm", "rsa4096"}), 2,
              "INVALID_ARGUMENT", "UNKNOWN_ALGORITHM");
  ExpectError(Tool({"generate", "--label", "a"}), 2, "INVALID_ARGUMENT",
              "USAGE");
  ExpectError(Tool({"list", "--no-such-option"}), 2, "INVALID_ARGUMENT",
              "USAGE");
  ExpectError(
      tests::Run({BOOTSEAL_TOKEN_PROGRAM, "list", "--json", "--token", "a\"b"}),
      2, "INVALID_ARGUMENT", "USAGE");
}

TEST_F(TokenJson, IsNotWhatPeopleGet) {
  const Outcome usage = tests::Run({BOOTSEAL_TOKEN_PROGRAM, "list"});
  EXPECT_EQ(usage.exit_code, 2);
  EXPECT_EQ(usage.err,
            "bootseal-token: USAGE: --pin-file is required; see "
            "bootseal-token --help\n");
  const Outcome refusal = softhsm_.Tool({"show", "--label", "lost"});
  EXPECT_THAT(refusal.err, StartsWith("bootseal-token: KEY_MISSING: "));
}

TEST_F(TokenJson, AndTextHoldNoControlCharacterOfWhatWasTyped) {
  const std::string typed = "\x1b[2J\nforged";
  const Outcome text = softhsm_.Tool({"show", "--label", typed});
  EXPECT_THAT(text.err, HasSubstr("\\x1b[2J\\x0aforged"));
  const Outcome usage = softhsm_.Tool({"list", typed});
  EXPECT_THAT(usage.err, HasSubstr("\\x1b[2J\\x0aforged"));
  const Outcome json = Tool({"show", "--label", typed});
  EXPECT_THAT(json.err, HasSubstr("\\u001b[2J\\u000aforged"));
}

}  // namespace
}  // namespace bootseal::hsm
