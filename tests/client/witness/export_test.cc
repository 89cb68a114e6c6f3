// bootseal audit export --format tiles, from a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/log_key.h"
#include "client/tiles/folder_check.h"
#include "tests/client/witness/witnessed_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ExportTest : public WitnessedTest {
 protected:
  Outcome Export(const std::string& caller = "auditor",
                 const Environment& changes = {}) {
    return Bootseal(
        caller, {"audit", "export", "--format", "tiles", "-o", File("tiles")},
        changes);
  }
  // Forgets what this user has seen of the log, but not the export.
  Outcome ExportAsStranger() {
    std::filesystem::remove_all(File("fresh"));
    return Export("auditor", {{"BOOTSEAL_STATE", File("fresh")}});
  }
  absl::Status Check() {
    const auto reader = tiles::FolderReader::Open(
        File("tiles"), *cli::LogKey::Read(server_.log_key()));
    return reader.ok() ? tiles::CheckFolder(*reader) : reader.status();
  }
  Outcome ReadWithPython() {
    return tests::Run({"python3",
                       BOOTSEAL_SOURCE_DIR "/tests/client/tiles/read_tiles.py",
                       File("tiles"), server_.log_key()});
  }
};

TEST_F(ExportTest, IsProvenByAReaderOfOthersAndContinued) {
  server_.Start();
  for (int i = 0; i < 3; ++i) {
    Grow();
    const Outcome outcome = Export();
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_OK(Check());
    const Outcome read = ReadWithPython();
    EXPECT_EQ(read.exit_code, 0) << read.err;
    EXPECT_THAT(read.out, StartsWith(absl::StrCat(Size(), " ")));
  }
  const Outcome same = Export();
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_THAT(same.out, HasSubstr(", 0 of them new"));
}

TEST_F(ExportTest, HoldsTheCosignaturesThatTheCheckpointHas) {
  witness_.Start();
  Configure();
  server_.Start();
  Grow();
  ASSERT_NE(WaitForCosigned(Size()), "");
  ASSERT_EQ(Export().exit_code, 0);
  EXPECT_THAT(Read("tiles/checkpoint"), HasSubstr("witness.example/w1"));
  EXPECT_EQ(ReadWithPython().exit_code, 0);
}

TEST_F(ExportTest, IsForThoseWhoMayReadTheLog) {
  server_.Start();
  const Outcome outcome = Export("ci");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(File("tiles/checkpoint")));
}

TEST_F(ExportTest, IsNotContinuedFromALogThatWasRolledBack) {
  server_.Start();
  server_.Stop();
  Copy("older");
  server_.Start();
  for (int i = 0; i < 4; ++i) Grow();
  ASSERT_EQ(Export().exit_code, 0);
  const std::string before = Read("tiles/checkpoint");
  server_.Stop();
  Restore("older");
  server_.Start();
  const Outcome outcome = ExportAsStranger();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("LOG_WENT_BACK"));
  EXPECT_EQ(Read("tiles/checkpoint"), before);
}

TEST_F(ExportTest, IsNotContinuedFromAnotherHistory) {
  server_.Start();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grow();
  ASSERT_EQ(Export().exit_code, 0);
  const std::string before = Read("tiles/checkpoint");
  server_.Stop();
  Restore("older");
  server_.Start();
  for (int i = 0; i < 4; ++i) Grow();
  const Outcome outcome = ExportAsStranger();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("LOG_INCONSISTENT"));
  EXPECT_EQ(Read("tiles/checkpoint"), before);
  EXPECT_OK(Check());
}

TEST_F(ExportTest, SaysWhatIsWrongWithItsOptions) {
  server_.Start();
  EXPECT_EQ(Bootseal("auditor", {"audit", "export"}).exit_code, 2);
  EXPECT_EQ(Bootseal("auditor",
                     {"audit", "export", "--format", "paper", "-o", File("x")})
                .exit_code,
            2);
  Write("file", "");
  EXPECT_EQ(Bootseal("auditor", {"audit", "export", "--format", "tiles", "-o",
                                 File("file")})
                .exit_code,
            5);
}

TEST_F(ExportTest, PrintsJson) {
  server_.Start();
  const Outcome outcome = Bootseal(
      "auditor",
      {"audit", "export", "--json", "--format", "tiles", "-o", File("tiles")});
  EXPECT_THAT(outcome.out,
              HasSubstr(absl::StrCat("\"size\":", Size(), ",\"root\":\"")));
}

}  // namespace
}  // namespace bootseal::tests
