#include "client/cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/file.h"
#include "client/cli/exit_status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::cli {
namespace {

using absl::StatusCode;
using tests::MessageHas;
using tests::StatusIs;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    for (const char* name :
         {"BOOTSEAL_SERVER", "BOOTSEAL_CA", "BOOTSEAL_CERT", "BOOTSEAL_KEY",
          "BOOTSEAL_LOG_KEY", "BOOTSEAL_TOKEN", "BOOTSEAL_TOKEN_FILE",
          "BOOTSEAL_TOKEN_AUDIENCE"}) {
      unsetenv(name);
    }
    setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1);
  }

  std::string WriteConfig(const std::string& text) {
    const std::string path = folder_.File("settings");
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return path;
  }

  tests::TemporaryFolder folder_;
};

TEST_F(SettingsTest, AreEmptyWithoutAnySource) {
  const auto settings = Resolve({});
  ASSERT_OK(settings);
  EXPECT_EQ(settings->server, "");
}

TEST_F(SettingsTest, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  Flags flags;
  flags.config = WriteConfig("server = file:1\nca = file.pem\ncert = /c.pem\n");
  EXPECT_EQ(Resolve(flags)->server, "file:1");
  setenv("BOOTSEAL_SERVER", "environment:1", 1);
  EXPECT_EQ(Resolve(flags)->server, "environment:1");
  flags.settings.server = "flag:1";
  EXPECT_EQ(Resolve(flags)->server, "flag:1");
}

TEST_F(SettingsTest, TakesPathsOfTheFileFromItsFolder) {
  Flags flags;
  flags.config = WriteConfig(
      "# ours\nca = ca.pem\ncert = /etc/c.pem\nlog-key = log.vkey\n");
  const auto settings = Resolve(flags);
  ASSERT_OK(settings);
  EXPECT_EQ(settings->ca, folder_.File("ca.pem"));
  EXPECT_EQ(settings->certificate, "/etc/c.pem");
  EXPECT_EQ(settings->log_key, folder_.File("log.vkey"));
}

TEST_F(SettingsTest, LeavesALogKeyThatIsTextAlone) {
  Flags flags;
  flags.config = WriteConfig("log-key = a.example/log+00112233+AQID\n");
  EXPECT_EQ(Resolve(flags)->log_key, "a.example/log+00112233+AQID");
}

TEST_F(SettingsTest, RefusesAKeyThatDoesNotExist) {
  Flags flags;
  flags.config = WriteConfig("sever = a:1\n");
  const auto settings = Resolve(flags);
  EXPECT_THAT(settings,
              StatusIs(StatusCode::kInvalidArgument, "CONFIG_INVALID"));
  EXPECT_THAT(settings, MessageHas("\"sever\""));
  EXPECT_THAT(settings, MessageHas("server, ca, cert, key, log-key"));
  EXPECT_EQ(ExitStatusOf(settings.status()), ExitStatus::kUsage);
}

TEST_F(SettingsTest, TakeTheTokenOfTheFirstSourceThatNamesAny) {
  Flags flags;
  flags.config = WriteConfig("token-file = token\n");
  EXPECT_EQ(Resolve(flags)->token_file, folder_.File("token"));
  setenv("BOOTSEAL_TOKEN", "a.b.c", 1);
  EXPECT_EQ(Resolve(flags)->token, "a.b.c");
  EXPECT_EQ(Resolve(flags)->token_file, "");
  flags.settings.token_audience = "us";
  EXPECT_EQ(Resolve(flags)->token_audience, "us");
  EXPECT_EQ(Resolve(flags)->token, "");
}

TEST_F(SettingsTest, RefuseTwoTokensOfOneSource) {
  setenv("BOOTSEAL_TOKEN", "a.b.c", 1);
  setenv("BOOTSEAL_TOKEN_AUDIENCE", "us", 1);
  EXPECT_THAT(Resolve({}),
              StatusIs(StatusCode::kInvalidArgument, "TOKEN_AMBIGUOUS"));
}

TEST_F(SettingsTest, RefuseATokenInTheFileWithoutRepeatingIt) {
  Flags flags;
  flags.config = WriteConfig("token = aaaa.bbbb.cccc\n");
  const auto settings = Resolve(flags);
  EXPECT_THAT(settings,
              StatusIs(StatusCode::kInvalidArgument, "CONFIG_INVALID"));
  EXPECT_THAT(settings, MessageHas("token-file, token-audience"));
  EXPECT_THAT(settings, testing::Not(MessageHas("bbbb")));
}

TEST_F(SettingsTest, RefusesANamedFileThatIsMissing) {
  Flags flags;
  flags.config = folder_.File("nowhere");
  const auto settings = Resolve(flags);
  EXPECT_FALSE(settings.ok());
  EXPECT_EQ(ExitStatusOf(settings.status()), ExitStatus::kLocalFile);
}

}  // namespace
}  // namespace bootseal::cli
