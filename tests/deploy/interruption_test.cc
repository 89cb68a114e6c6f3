// A run of deploy/quickstart that was interrupted, and the good run after it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/deploy/quickstart.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

void ExpectGoodRun(const Quickstart& quickstart) {
  const Outcome run = quickstart.Run();
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nIt works."));
}

Outcome TokenTool(const Quickstart& quickstart,
                  std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), BOOTSEAL_BUILD_DIR "/bin/bootseal-token");
  return tests::Run(
      arguments, {{"SOFTHSM2_CONF", quickstart.File("token/softhsm2.conf")}});
}

void WritePin(const Quickstart& quickstart, const std::string& name) {
  quickstart.Write(name, "12345678\n");
  fs::permissions(quickstart.File(name),
                  fs::perms::owner_read | fs::perms::owner_write);
}

// As far as the script has come with PINs and an empty token folder.
void MakePins(const Quickstart& quickstart) {
  WritePin(quickstart, "token/pin");
  WritePin(quickstart, "token/so-pin");
  fs::create_directories(quickstart.File("token/objects"));
  quickstart.Write(
      "token/softhsm2.conf",
      absl::StrCat("directories.tokendir = ", quickstart.File("token/objects"),
                   "\nobjectstore.backend = file\n"));
}

void MakeToken(const Quickstart& quickstart) {
  MakePins(quickstart);
  const Outcome init =
      TokenTool(quickstart, {"init", "--label", "bootseal", "--pin-file",
                             quickstart.File("token/pin"), "--so-pin-file",
                             quickstart.File("token/so-pin")});
  ASSERT_EQ(init.exit_code, 0) << init.err;
}

TEST(Interrupted, BetweenPinAndTokenItMakesTheToken) {
  const Quickstart quickstart;
  MakePins(quickstart);
  ExpectGoodRun(quickstart);
}

TEST(Interrupted, WithinThePinItMakesBothAnew) {
  const Quickstart quickstart;
  MakeToken(quickstart);
  quickstart.Write("token/pin", "");
  fs::remove(quickstart.File("token/so-pin"));
  ExpectGoodRun(quickstart);
}

TEST(Interrupted, BetweenKeyAndExportItExportsThatKey) {
  const Quickstart quickstart;
  MakeToken(quickstart);
  const std::vector<std::string> token{"--token", "bootseal", "--pin-file",
                                       quickstart.File("token/pin")};
  const auto with_token = [&token](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), token.begin(), token.end());
    return arguments;
  };
  const Outcome made =
      TokenTool(quickstart, with_token({"generate", "--label", "app",
                                        "--algorithm", "p256", "--id", "77"}));
  ASSERT_EQ(made.exit_code, 0) << made.err;
  ExpectGoodRun(quickstart);
  const Outcome shown =
      TokenTool(quickstart,
                with_token({"export-public", "--id", "77", "--format", "der"}));
  EXPECT_EQ(shown.out, quickstart.Read("keys/app.der"));
}

TEST(Interrupted, AmidTheCertificatesItCompletesThem) {
  const Quickstart quickstart;
  ASSERT_EQ(tests::Run({BOOTSEAL_SOURCE_DIR "/deploy/pki/create",
                        quickstart.File("pki")})
                .exit_code,
            0);
  const std::string server = quickstart.Read("pki/server.pem");
  quickstart.Write("pki/ci.pem", "");
  for (const char* name : {"developer.key", "auditor.pem",
                           "release-manager.pem", "release-manager.key"}) {
    fs::remove(quickstart.File(absl::StrCat("pki/", name)));
  }
  ExpectGoodRun(quickstart);
  EXPECT_EQ(quickstart.Read("pki/server.pem"), server);
  for (const char* person :
       {"developer", "auditor", "release-manager", "key-admin"}) {
    EXPECT_EQ(quickstart
                  .Shell(absl::StrCat(". \"$2/env.", person,
                                      "\"; bootseal targets list"))
                  .exit_code,
              0)
        << person;
  }
}

TEST(Interrupted, BeforeTheCaCertificateItMakesBothHalvesAnew) {
  const Quickstart quickstart;
  quickstart.Write("pki/ca.key", "-----BEGIN EC");
  ExpectGoodRun(quickstart);
}

TEST(Interrupted, WithItsServerKilledItStartsAnotherOnTheSameLog) {
  const Quickstart quickstart;
  const Outcome first = quickstart.Run();
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  const pid_t server = Quickstart::ServerOf(first);
  ASSERT_EQ(kill(server, SIGKILL), 0);
  const Outcome second = quickstart.Run();
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_NE(Quickstart::ServerOf(second), server);
  const Outcome verify =
      quickstart.Shell(". \"$2/env.auditor\"; bootseal audit verify");
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  EXPECT_THAT(verify.out, HasSubstr("releases      2\n"));
}

// Killed for real as soon as the file is there; the script's children may go on
// for a moment.
void RunUntil(const Quickstart& quickstart, const std::string& file) {
  Background run({BOOTSEAL_SOURCE_DIR "/deploy/quickstart"},
                 quickstart.settings(), quickstart.Beside("run.log"));
  for (int i = 0; i < 12000 && !quickstart.Exists(file); ++i) {
    if (run.Wait(std::chrono::seconds(0)) != -1) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(quickstart.Exists(file)) << file;
}

TEST(Interrupted, AtAnyStageItGoesOnFromThere) {
  const Quickstart quickstart;
  for (const char* file :
       {"token/pin", "token/so-pin", "keys/app.der", "keys/log.der",
        "pki/ca.key", "pki/ci.key", "policy.textproto", "server.textproto",
        "port", "env", "payload.signed.bin", "boot-mps2-an521.elf"}) {
    RunUntil(quickstart, file);
  }
  ExpectGoodRun(quickstart);
}

}  // namespace
}  // namespace bootseal::tests
