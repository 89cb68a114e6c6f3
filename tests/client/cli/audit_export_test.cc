// The log as files, and its review without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/client/cli/online_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExportTest : public OnlineTest {
 protected:
  ExportTest() {
    server_.Start();
    EXPECT_EQ(Sign("ci", {"--receipt", File("receipt"), "-o", File("image"),
                          "--request-id", "build-1"})
                  .exit_code,
              0);
    EXPECT_EQ(Sign("developer").exit_code, 1);
  }
  Outcome Export(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"audit", "export", "--format"});
    return Bootseal("auditor", arguments);
  }
  // Reviews a folder without server, caller or certificate.
  Outcome Review(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(),
                     {"audit", "verify", "--json", "--from", File("tiles"),
                      "--public-key", File("app.pem")});
    return Bootseal("", arguments,
                    {{"BOOTSEAL_SERVER", "127.0.0.1:1"},
                     {"BOOTSEAL_STATE", File("fresh")}});
  }
  void ExportTiles() {
    ASSERT_EQ(Export({"tiles", "-o", File("tiles")}).exit_code, 0);
    Write("app.pem",
          Bootseal("auditor", {"keys", "show", "app", "--format", "pem"}).out);
  }
};

TEST_F(ExportTest, WritesALineForEachEntryAsCsv) {
  const Outcome outcome = Export({"csv", "-o", File("log.csv")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("4 of 4"));
  const std::string csv = Read("log.csv");
  EXPECT_THAT(csv, StartsWith("index,time,event,identity,"));
  EXPECT_THAT(csv, HasSubstr("\r\n2,20"));
  EXPECT_THAT(csv, HasSubstr(",build-1,app,1.2.3,"));
  EXPECT_THAT(csv, HasSubstr(",identity developer has roles developer; "));
  EXPECT_THAT(csv, testing::EndsWith("\r\n"));
}

TEST_F(ExportTest, WritesALineForEachEntryAsJson) {
  ASSERT_EQ(Export({"json", "-o", File("log.jsonl")}).exit_code, 0);
  const std::string json = Read("log.jsonl");
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 4);
  EXPECT_THAT(json, StartsWith("{\"index\":0,"));
  // "BSE1" in base64: the head of the exact bytes.
  EXPECT_THAT(json, HasSubstr("\"bytes\":\"QlNFM"));
}

TEST_F(ExportTest, TakesTheFiltersOfList) {
  const Outcome outcome =
      Export({"json", "-o", "-", "--decision", "refused", "--target", "app"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("{\"index\":3,"));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
}

TEST_F(ExportTest, WritesIntoAFolder) {
  ASSERT_EQ(Export({"csv", "-o", folder_.path()}).exit_code, 0);
  EXPECT_THAT(Read("entries.csv"), StartsWith("index,"));
}

TEST_F(ExportTest, LeavesNoFileBehindWhenItMayNotRead) {
  const Outcome outcome = Bootseal(
      "ci", {"audit", "export", "--format", "csv", "-o", File("log.csv")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(File("log.csv")));
  for (const std::string& name : Files()) {
    EXPECT_THAT(name, Not(HasSubstr("log.csv")));
  }
}

TEST_F(ExportTest, RefusesFoldersThatAreNotThereAndFormatsThatAreNone) {
  EXPECT_EQ(Export({"csv", "-o", File("none/log.csv")}).exit_code, 5);
  EXPECT_EQ(Export({"xml", "-o", File("log.xml")}).exit_code, 2);
  EXPECT_EQ(Export({"csv"}).exit_code, 2);
}

TEST_F(ExportTest, RefusesATreeWithHoles) {
  const Outcome outcome =
      Export({"tiles", "-o", File("tiles"), "--target", "app"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("tiles hold the whole log"));
}

TEST_F(ExportTest, IsReviewedWithoutAServer) {
  ExportTiles();
  const Outcome outcome = Review({"--receipt", File("receipt")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"in_order\":true"));
  EXPECT_THAT(outcome.out, HasSubstr("\"releases\":1"));
  EXPECT_THAT(outcome.out, HasSubstr("\"searched\":false"));
}

TEST_F(ExportTest, OfAnEarlierTimeIsRolledBackForALaterReceipt) {
  ExportTiles();
  ASSERT_EQ(Sign("ci", {"-o", File("b"), "--receipt", File("later")}).exit_code,
            0);
  const Outcome outcome = Review({"--receipt", File("later")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"reason\":\"ROLLED_BACK\""));
}

TEST_F(ExportTest, WithAnEditedEntryIsFound) {
  ExportTiles();
  for (const auto& file : std::filesystem::recursive_directory_iterator(
           File("tiles") + "/tile/entries")) {
    if (!file.is_regular_file()) continue;
    std::string bytes;
    const std::string name =
        std::filesystem::relative(file.path(), folder_.path());
    bytes = Read(name);
    bytes[bytes.find("1.2.3")] = '9';
    Write(name, bytes);
  }
  const Outcome outcome = Review();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"class\":\"tree\",\"warning\":false"));
}

TEST_F(ExportTest, WithoutTheKeysSaysWhichAreMissing) {
  ExportTiles();
  const Outcome outcome =
      Bootseal("", {"audit", "verify", "--from", File("tiles")},
               {{"BOOTSEAL_STATE", File("fresh")}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("nobody gave key \"app\""));
}

}  // namespace
}  // namespace bootseal::tests
