// deploy/quickstart, from nothing to a signed image that boots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/deploy/quickstart.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

// Content of every file that a second run must leave alone.
std::map<std::string, std::string> Kept(const Quickstart& quickstart) {
  std::map<std::string, std::string> kept;
  for (const char* name :
       {"token/pin", "token/so-pin", "keys/app.der", "keys/tfm-s.der",
        "keys/tfm-ns.der", "keys/log.der", "keys/log.vkey", "pki/ca.pem",
        "pki/ca.key", "pki/server.pem", "pki/ci.pem", "pki/auditor.pem",
        "policy.textproto", "server.textproto", "env"}) {
    kept[name] = quickstart.Read(name);
    EXPECT_NE(kept[name], "") << name;
  }
  for (const auto& entry :
       fs::recursive_directory_iterator(quickstart.File("token/objects"))) {
    kept[entry.path()] = "there";
  }
  return kept;
}

TEST(Quickstart, SignsAndBootsAndKeepsItAllInASecondRun) {
  const Quickstart quickstart;
  const Outcome first = quickstart.Run();
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_EQ(first.err, "");
  EXPECT_THAT(first.out, HasSubstr("slot 0: version 1.0.0+0, counter 1\n"
                                   "verified; starting at 0x10100400\n"
                                   "payload: hello from mps2-an521, version "
                                   "1.0.0+0\n"));
  EXPECT_THAT(first.out, HasSubstr("refused: digest does not match"));
  EXPECT_THAT(first.out, HasSubstr("\nIt works."));

  const auto kept = Kept(quickstart);
  const auto start = std::chrono::steady_clock::now();
  const Outcome second = quickstart.Run();
  const auto took = std::chrono::steady_clock::now() - start;
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_EQ(Kept(quickstart), kept);
  EXPECT_EQ(Quickstart::ServerOf(second), Quickstart::ServerOf(first));
  EXPECT_THAT(second.out, Not(HasSubstr("may serve")));
  EXPECT_THAT(second.out, HasSubstr("\nIt works."));
  // Two seconds on an idle machine.
  EXPECT_LT(took, std::chrono::seconds(30));
}

TEST(Quickstart, StopEndsTheServerAndTheReceiptHoldsWithoutIt) {
  const Quickstart quickstart;
  const Outcome run = quickstart.Run();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const pid_t server = Quickstart::ServerOf(run);
  ASSERT_TRUE(IsRunning(server));
  const Outcome stop = quickstart.Run({"--stop"});
  EXPECT_EQ(stop.exit_code, 0);
  EXPECT_EQ(stop.out, "server stopped\n");
  EXPECT_FALSE(IsRunning(server));
  const Outcome again = quickstart.Run({"--stop"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.out, "no server is running\n");

  const std::string verify =
      "cd \"$2\"; bootseal verify --profile an521-app.profile"
      " --receipt payload.signed.bin.receipt ";
  const Outcome good = quickstart.Shell(verify + "payload.signed.bin");
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("in the log"));
  EXPECT_EQ(quickstart.Shell(verify + "tampered.bin").exit_code, 1);
}

TEST(Quickstart, LeavesAnotherInstallationAndTheBuildTreeAlone) {
  const Quickstart mine("mine");
  const Quickstart other("other");
  const fs::path outside = absl::StrCat(
      BOOTSEAL_BUILD_DIR, "/firmware/mps2-an521/boot-mps2-an521.elf");
  std::error_code none;
  const auto written = fs::last_write_time(outside, none);
  const Outcome first = mine.Run();
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  const auto kept = Kept(mine);
  const std::string image = mine.Read("payload.signed.bin");

  // On one port there is one server.
  const Outcome clash = other.RunWith(
      "BOOTSEAL_QUICKSTART_LISTEN",
      absl::StrCat("127.0.0.1:",
                   absl::StripAsciiWhitespace(mine.Read("port"))));
  EXPECT_EQ(clash.exit_code, 1);
  EXPECT_THAT(clash.err, HasSubstr("is another server there?"));
  EXPECT_THAT(clash.err, HasSubstr("BOOTSEAL_QUICKSTART_LISTEN=127.0.0.1:0"));
  EXPECT_THAT(clash.err, HasSubstr("run it again"));
  EXPECT_THAT(clash.out, Not(HasSubstr("It works")));
  const Outcome second = other.Run();
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;

  EXPECT_EQ(Kept(mine), kept);
  EXPECT_EQ(mine.Read("payload.signed.bin"), image);
  EXPECT_EQ(fs::last_write_time(outside, none), written);
  // Each bootloader is for the images of its own home alone.
  const Outcome strange = tests::Run(
      {BOOTSEAL_SOURCE_DIR "/deploy/boot", "mps2-an505",
       other.File("boot-mps2-an505.elf"), mine.File("payload.signed.bin")});
  EXPECT_THAT(strange.out, HasSubstr("refused: signed with another key"));
  ASSERT_EQ(other.Run({"--stop"}).exit_code, 0);
  EXPECT_FALSE(IsRunning(Quickstart::ServerOf(second)));
  EXPECT_TRUE(IsRunning(Quickstart::ServerOf(first)));
}

// The clone's scripts under a path of their own.
std::string CopyOfTheScripts(const std::string& clone) {
  const fs::path source = BOOTSEAL_SOURCE_DIR;
  fs::create_directories(clone + "/firmware");
  fs::copy(source / "deploy", clone + "/deploy", fs::copy_options::recursive);
  fs::copy(source / "firmware/boards", clone + "/firmware/boards",
           fs::copy_options::recursive);
  fs::copy(source / "firmware/provision", clone + "/firmware/provision");
  return clone + "/deploy/quickstart";
}

// The home is named from where the user is.
TEST(Quickstart, TakesPathsWithSpacesCommasAndQuotes) {
  const Quickstart quickstart("it's a home, too");
  const std::string script =
      CopyOfTheScripts(quickstart.Beside("it's a clone, too"));
  Environment settings = quickstart.settings();
  settings["BOOTSEAL_QUICKSTART_HOME"] = "it's a home, too";
  const Outcome run = tests::Run({"bash", "-euc", "cd \"$1\"; exec \"$2\"", "-",
                                  quickstart.Beside(""), script},
                                 settings, std::chrono::seconds(240));
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nIt works."));
  const Outcome list = quickstart.Shell("bootseal targets list");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("an521-app"));
  // As any shell reads it, and as it is shown.
  const std::string shown = run.out.substr(run.out.find("  . '"));
  const Outcome plain =
      tests::Run({"sh", "-euc",
                  shown.substr(0, shown.find('\n')) + "\nbootseal keys list"},
                 quickstart.settings());
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
}

TEST(Quickstart, ExplainsItsUsage) {
  const Quickstart quickstart;
  const Outcome help = quickstart.Run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("deploy/quickstart --stop"));
  EXPECT_THAT(help.out, HasSubstr("BOOTSEAL_QUICKSTART_BUILD"));
  EXPECT_EQ(help.err, "");
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--hlep"}, {"stop"}, {"--stop", "--help"}}) {
    const Outcome outcome = quickstart.Run(wrong);
    EXPECT_EQ(outcome.exit_code, 2) << wrong[0];
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr("deploy/quickstart --stop"));
  }
  EXPECT_FALSE(quickstart.Exists(""));
}

TEST(Quickstart, NamesASettingThatCannotBe) {
  const Quickstart quickstart;
  const Outcome listen =
      quickstart.RunWith("BOOTSEAL_QUICKSTART_LISTEN", "0.0.0.0:8443");
  EXPECT_EQ(listen.exit_code, 2);
  EXPECT_THAT(listen.err, HasSubstr("0.0.0.0:8443"));
  const Outcome build = quickstart.RunWith("BOOTSEAL_QUICKSTART_BUILD",
                                           quickstart.Beside("no-build"));
  EXPECT_EQ(build.exit_code, 1);
  EXPECT_THAT(build.err, HasSubstr("/no-build/bin/bootseal"));
  EXPECT_FALSE(quickstart.Exists(""));
}

}  // namespace
}  // namespace bootseal::tests
