// What it tells, to whom, and one instance at a time.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/client/fwu/program_fixture.h"

namespace bootseal::fwu {
namespace {

TEST_P(Program, ReadsAndWritesNothingElseWhileItOnlyTells) {
  std::string flash = Flash();
  flash[device_.placement().metadata[0].offset + 8] ^= 1;
  Put("flash", flash);
  EXPECT_EQ(Run({"status"}).exit_code, 0);
  EXPECT_EQ(Flash(), flash);
}

TEST_P(Program, TellsWhatThereIsAndWhatToDoNext) {
  const auto expect = [this](const std::vector<std::string>& words) {
    const tests::Outcome status = Run({"status"});
    EXPECT_EQ(status.exit_code, 0) << status.err;
    for (const std::string& each : words) {
      EXPECT_TRUE(absl::StrContains(status.out, each)) << each << "\n"
                                                       << status.out;
    }
    const tests::Outcome json = Run({"status", "--json"});
    EXPECT_FALSE(Json(json.out).Text("next").empty()) << json.out;
  };
  ASSERT_EQ(Run({"record", folder_.File("first.tar")}).exit_code, 0);
  expect({"state           regular", "trials left     3", "metadata1       OK",
          "metadata2       OK",
          "bank 0          accepted, running, active, 1.1.0, counter 5, "
          "verified",
          "bank 1          accepted, no release recorded",
          "next            nothing"});
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  expect({"state           trial-pending", "next            reset the device"});
  Reset();
  expect({"state           trial\n", "trials left     2", "1.2.0, counter 6",
          "next            accept or reject: after 2 more resets"});
  ASSERT_EQ(Run({"reject"}).exit_code, 0);
  expect(
      {"state           return-pending", "next            reset the device"});
  Reset();
  device_.content.flash = Flash();
  device_.content.flash[device_.placement().metadata[0].offset + 8] ^= 1;
  Put("flash", device_.content.flash);
  expect({"metadata1       METADATA_CRC", "next            repair"});
  if (GetParam() == Kind::kRaw) return;
  ASSERT_EQ(Run({"repair"}).exit_code, 0);
  device_.content.flash = Flash();
  device_.content.flash[512 + 20] ^= 1;
  Put("flash", device_.content.flash);
  expect(
      {"GPT             primary GPT_CRC, backup OK", "next            repair"});
}

TEST_P(Program, TellsALostBackupDomainFromSpentTrials) {
  Put("backup", std::string(64, '\0'));
  Put("fwu.conf", absl::StrCat(Configuration(), "backup-marker = binary:",
                               folder_.File("backup"), "@16\n"));
  const auto fell = [this](const char* reason) {
    EXPECT_TRUE(absl::StrContains(Run({"status"}).out, reason));
    const tests::Outcome told = Run({"check", "--json"});
    EXPECT_EQ(told.exit_code, 1);
    EXPECT_TRUE(absl::StrContains(told.out,
                                  absl::StrCat("\"reason\":\"", reason, "\"")))
        << told.out;
    EXPECT_TRUE(absl::StrContains(told.out, "\"certain\":true")) << told.out;
  };
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  for (int i = 0; i < 4; ++i) Reset();
  fell("trials-spent");
  Reset();
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  device_.content.boot = {};
  Put("backup", std::string(64, '\0'));
  Reset();
  fell("trial-skipped");
}

TEST_P(Program, ReadsTheReportOfTheSecondStage) {
  Put("fwu.conf",
      absl::StrCat(
          Configuration(), "report-register = file:", folder_.File("report"),
          "\nerror-register = binary:", folder_.File("error"), "@4\n"));
  const auto error = static_cast<std::uint32_t>(image::Error::kCounterLow);
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[4 + i] = static_cast<char>(error >> 8 * i & 0xff);
  }
  Put("error", bytes);
  Put("report", "0xb0a70001");
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  // Its trial fails; two are left.
  Put("boot", "0x20");
  Put("report", "0xb0a70026");
  const std::string before = Flash();
  const tests::Outcome told = Run({"check"});
  EXPECT_EQ(told.exit_code, 1);
  const std::string text = image::Text(image::Error::kCounterLow);
  EXPECT_TRUE(absl::StrContains(told.out, text)) << told.out;
  EXPECT_TRUE(absl::StrContains(told.out, "2 trials are left")) << told.out;
  EXPECT_TRUE(absl::StrContains(Run({"status"}).out, text));
  EXPECT_EQ(Flash(), before);
  // And the last one.
  Put("boot", "0x00");
  const tests::Outcome last = Run({"check", "--json"});
  EXPECT_EQ(last.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(last.out, "\"reason\":\"not-started\""))
      << last.out;
  EXPECT_TRUE(absl::StrContains(last.out, text)) << last.out;
}

TEST_P(Program, BelievesNoReportOfAnotherBootloader) {
  Put("fwu.conf",
      absl::StrCat(Configuration(),
                   "report-register = file:", folder_.File("report"),
                   "\nerror-register = file:", folder_.File("report"), "\n"));
  Put("report", "0x12340026");
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  Put("boot", "0x20");
  EXPECT_EQ(Run({"check"}).exit_code, 0);
  Put("boot", "0x00");
  EXPECT_TRUE(absl::StrContains(Run({"check", "--json"}).out,
                                "\"reason\":\"trial-skipped\""));
}

TEST_P(Program, WantsBothRegistersOfAReportOrNone) {
  Put("report", "0xb0a70001");
  const std::string source = "file:" + folder_.File("report");
  ExpectRefusal({"status", "--report-register", source}, 2, "CONFIGURATION");
  ExpectRefusal({"status", "--error-register", source}, 2, "CONFIGURATION");
  ExpectRefusal(
      {"status", "--report-register", "5", "--error-register", source}, 2,
      "SOURCE_INVALID");
  ExpectRefusal(
      {"status", "--report-register", source, "--error-register", "5"}, 2,
      "SOURCE_INVALID");
}

TEST_P(Program, WritesNoBankWhenItsMarkerCannotBeWritten) {
  const std::string before = Flash();
  ExpectRefusal({"install", folder_.File("second.tar"), "--backup-marker",
                 "binary:/dev/zero@0"},
                5, "FILE_UNWRITABLE");
  EXPECT_EQ(Flash(), before);
  ExpectRefusal({"status", "--backup-marker", "file:/tmp/x"}, 2,
                "CONFIGURATION");
}

// Two processes at once: the first one waits for its boot register, a pipe that
// nobody fills, and holds the lock all that time.
TEST_P(Program, RunsOnceAtATime) {
  ASSERT_EQ(mkfifo(folder_.File("pipe").c_str(), 0600), 0);
  const std::string before = Flash();
  int writer = -1;
  {
    tests::Background first(
        {BOOTSEAL_FWU_PROGRAM, "--config", folder_.File("fwu.conf"), "install",
         folder_.File("second.tar"), "--boot-register",
         absl::StrCat("file:", folder_.File("pipe"))},
        {}, folder_.File("first.log"));
    // It has the lock once it reads from the pipe.
    for (int i = 0; i < 1000 && writer < 0; ++i) {
      writer = open(folder_.File("pipe").c_str(), O_WRONLY | O_NONBLOCK);
      if (writer < 0) absl::SleepFor(absl::Milliseconds(10));
    }
    ASSERT_GE(writer, 0);
    for (const char* command :
         {"accept", "reject", "rollback", "check", "repair", "status"}) {
      ExpectRefusal({command}, 1, "INSTANCE_RUNNING");
    }
    ExpectRefusal({"install", folder_.File("second.tar")}, 1,
                  "INSTANCE_RUNNING");
    EXPECT_EQ(Flash(), before);
    // The lock goes with the process, however that ends.
  }
  close(writer);
  EXPECT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
}

TEST_P(Program, ShowsABarOnATerminalAlone) {
  const std::string command =
      absl::StrCat(BOOTSEAL_FWU_PROGRAM, " --config ", folder_.File("fwu.conf"),
                   " install ", folder_.File("second.tar"));
  const tests::Outcome shown =
      tests::Run({"script", "-qec", command, "/dev/null"});
  EXPECT_EQ(shown.exit_code, 0) << shown.out;
  EXPECT_TRUE(absl::StrContains(shown.out, "write  [####")) << shown.out;
  EXPECT_TRUE(absl::StrContains(shown.out, "100%")) << shown.out;
}

TEST_P(Program, ReadsTheExampleOfItsConfiguration) {
  const tests::Outcome outcome = tests::Run(
      {BOOTSEAL_FWU_PROGRAM, "--config",
       BOOTSEAL_SOURCE_DIR "/deploy/fwu/bootseal-fwu.conf", "--json", "--lock",
       folder_.File("lock"), "--release-key", folder_.File("key.pem"),
       "--device", folder_.File("none"), "status"});
  EXPECT_EQ(Json(outcome.out).Reason(), "FILE_NOT_FOUND")
      << outcome.out << outcome.err;
}

TEST(ProgramFile, IsSmallAndLinksNoRpc) {
  const tests::Outcome libraries = tests::Run({"ldd", BOOTSEAL_FWU_PROGRAM});
  ASSERT_EQ(libraries.exit_code, 0);
  EXPECT_TRUE(absl::StrContains(libraries.out, "libcurl"));
  EXPECT_FALSE(absl::StrContains(libraries.out, "grpc"));
  EXPECT_FALSE(absl::StrContains(libraries.out, "protobuf"));
}

}  // namespace
}  // namespace bootseal::fwu
