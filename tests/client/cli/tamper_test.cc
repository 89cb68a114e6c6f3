// Whoever has the database deletes, edits, swaps and cuts rows by hand. Either
// the server does not start with what is left, or `audit verify` finds it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/client/cli/database.h"
#include "tests/client/cli/online_fixture.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TamperTest : public OnlineTest {
 protected:
  // Entries 0 start, 1 policy, 2 to 9 releases; the last one's receipt is kept,
  // and the checkpoint remembered.
  TamperTest() {
    server_.Start();
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(Sign("ci", {"-o", File(absl::StrCat("image", i)), "--receipt",
                            File("receipt")})
                    .exit_code,
                0);
    }
    EXPECT_EQ(Bootseal("auditor", {"audit", "verify"}).exit_code, 0);
  }

  std::string log() const { return server_.folder().File("log.sqlite"); }
  void Edit(const std::string& sql) { ExecuteSql(log(), sql); }
  void EditWhileDown(const std::string& sql) {
    server_.Stop();
    Edit(sql);
    server_.Start();
  }
  void ExpectNoStartAfter(const std::string& sql, const std::string& says) {
    server_.Stop();
    Edit(sql);
    EXPECT_NE(server_.StartAndFail(), 0);
    EXPECT_THAT(server_.ServerLog(), HasSubstr(says));
  }
  // Every row beyond the first `size` entries, as if they never were.
  static std::string CutTo(int size) {
    return absl::StrCat("DELETE FROM entries WHERE position >= ", size,
                        ";DELETE FROM heads WHERE size > ", size,
                        ";DELETE FROM nodes WHERE (position + 1) << level > ",
                        size);
  }
  Outcome Verify(std::vector<std::string> arguments = {},
                 const Environment& changes = {}) {
    arguments.insert(arguments.begin(), {"audit", "verify", "--json"});
    return Bootseal("auditor", arguments, changes);
  }
  void ExpectFound(const Outcome& outcome, const std::string& kind,
                   const std::string& reason) {
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("\"in_order\":false"));
    EXPECT_THAT(outcome.out,
                testing::ContainsRegex(absl::StrCat(
                    "\"class\":\"", kind,
                    "\",\"warning\":false,\"index\":[a-z0-9]+,\"reason\":\"",
                    reason, "\"")));
  }
  // Without what this client remembers.
  Environment Forgetful() { return {{"BOOTSEAL_STATE", File("fresh")}}; }
};

TEST_F(TamperTest, ADeletedEntryIsFound) {
  EditWhileDown("DELETE FROM entries WHERE position = 4");
  ExpectFound(Verify({}, Forgetful()), "tree", "ENTRY_MISSING");
}

TEST_F(TamperTest, AnEntryDeletedUnderARunningServerIsFound) {
  Edit("DELETE FROM entries WHERE position = 4");
  ExpectFound(Verify({}, Forgetful()), "tree", "ENTRY_MISSING");
}

TEST_F(TamperTest, AnEditedEntryIsFound) {
  EditWhileDown(
      "UPDATE entries SET entry = CAST(replace(entry, 'app', 'apq') AS BLOB)"
      " WHERE position = 4");
  ExpectFound(Verify({}, Forgetful()), "tree", "LOG_INCONSISTENT");
}

TEST_F(TamperTest, AnEntryEditedUnderARunningServerIsFound) {
  Edit(
      "UPDATE entries SET entry = (SELECT entry FROM entries WHERE position ="
      " 5) WHERE position = 4");
  ExpectFound(Verify({}, Forgetful()), "tree", "LOG_INCONSISTENT");
}

TEST_F(TamperTest, AnEntryEditedTogetherWithItsLeafIsFound) {
  EditWhileDown(
      "UPDATE entries SET entry = (SELECT entry FROM entries WHERE position ="
      " 5) WHERE position = 4;"
      "UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE level = 0 AND"
      " position = 5) WHERE level = 0 AND position = 4");
  ExpectFound(Verify({}, Forgetful()), "tree", "LOG_INCONSISTENT");
}

TEST_F(TamperTest, AnEditedNodeIsFound) {
  EditWhileDown(
      "UPDATE nodes SET hash = zeroblob(32) WHERE level = 0 AND position = 4");
  ExpectFound(Verify({}, Forgetful()), "tree", "PROOF_INVALID");
}

TEST_F(TamperTest, ADeletedNodeIsFound) {
  EditWhileDown("DELETE FROM nodes WHERE level = 1 AND position = 2");
  ExpectFound(Verify({}, Forgetful()), "tree", "PROOF_REFUSED");
}

TEST_F(TamperTest, TwoSwappedEntriesAreFound) {
  EditWhileDown(
      "UPDATE entries SET position = 1000 WHERE position = 4;"
      "UPDATE entries SET position = 4 WHERE position = 5;"
      "UPDATE entries SET position = 5 WHERE position = 1000");
  ExpectFound(Verify({}, Forgetful()), "tree", "LOG_INCONSISTENT");
}

TEST_F(TamperTest, EntriesMovedIntoAGapAreFound) {
  EditWhileDown(
      "DELETE FROM entries WHERE position = 4;"
      "UPDATE entries SET position = 4 WHERE position = 5");
  ExpectFound(Verify({}, Forgetful()), "tree", "ENTRY_MISSING");
}

TEST_F(TamperTest, NoServerStartsWithoutItsLastEntry) {
  ExpectNoStartAfter("DELETE FROM entries WHERE position = 9", "LOG_CORRUPT");
}

TEST_F(TamperTest, NoServerStartsWithAnEditedLastEntry) {
  ExpectNoStartAfter(
      "UPDATE entries SET entry = (SELECT entry FROM entries WHERE position ="
      " 5) WHERE position = 9",
      "LOG_CORRUPT");
}

TEST_F(TamperTest, NoServerStartsWithTheLastTwoSwapped) {
  ExpectNoStartAfter(
      "UPDATE entries SET position = 1000 WHERE position = 8;"
      "UPDATE entries SET position = 8 WHERE position = 9;"
      "UPDATE entries SET position = 9 WHERE position = 1000",
      "LOG_CORRUPT");
}

TEST_F(TamperTest, NoServerStartsWithAnEditedHead) {
  ExpectNoStartAfter("UPDATE heads SET root = zeroblob(32) WHERE size = 10",
                     "LOG_CORRUPT");
}

TEST_F(TamperTest, NoServerStartsWithoutItsNewestHead) {
  ExpectNoStartAfter("DELETE FROM heads WHERE size = 10", "LOG_CORRUPT");
}

TEST_F(TamperTest, NoServerStartsWithAnEditedNodeOfTheRightEdge) {
  ExpectNoStartAfter(
      "UPDATE nodes SET hash = zeroblob(32) WHERE level = 3 AND position = 0",
      "LOG_CORRUPT");
}

TEST_F(TamperTest, NoServerStartsWithAnEntryTooMany) {
  ExpectNoStartAfter(
      "INSERT INTO entries SELECT 10, entry, identity, NULL, target, decision,"
      " NULL, kind, time_unix_ms, key, subject FROM entries WHERE position = 9",
      "LOG_CORRUPT");
}

// The rows that are left are a whole log: only what was seen of it tells.
TEST_F(TamperTest, ATruncatedLogIsRolledBackForWhoRemembersIt) {
  EditWhileDown(CutTo(4));
  const Outcome outcome = Verify();
  ExpectFound(outcome, "rolled-back", "ROLLED_BACK");
  EXPECT_THAT(outcome.out,
              HasSubstr("the checkpoint seen before speaks of 10"));
}

TEST_F(TamperTest, ATruncatedLogIsRolledBackForAReceipt) {
  EditWhileDown(CutTo(4));
  EXPECT_EQ(Verify({}, Forgetful()).exit_code, 0);
  const Outcome outcome =
      Verify({"--receipt", File("receipt")}, {{"BOOTSEAL_STATE", File("new")}});
  ExpectFound(outcome, "rolled-back", "ROLLED_BACK");
  EXPECT_THAT(outcome.out, HasSubstr("\"finding_classes\":4,"));
}

TEST_F(TamperTest, ATruncatedLogIsRolledBackForAKeptCheckpoint) {
  for (const auto& file : fs::directory_iterator(state_.path())) {
    if (file.path().extension() == ".checkpoint") {
      fs::copy_file(file.path(), File("kept"));
    }
  }
  EditWhileDown(CutTo(4));
  ExpectFound(Verify({"--checkpoint", File("kept")}, Forgetful()),
              "rolled-back", "ROLLED_BACK");
}

TEST_F(TamperTest, AnOlderCopyIsRolledBackForAReceipt) {
  server_.Stop();
  fs::copy_file(log(), state_.File("old"));
  server_.Start();
  for (const char* name : {"1", "2", "3", "4"}) {
    ASSERT_EQ(
        Sign("ci", {"-o", File(name), "--receipt", File("later")}).exit_code,
        0);
  }
  server_.Stop();
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(log() + suffix);
  fs::copy_file(state_.File("old"), log(),
                fs::copy_options::overwrite_existing);
  server_.Start();
  ExpectFound(Verify({"--receipt", File("later")}, Forgetful()), "rolled-back",
              "ROLLED_BACK");
  ExpectFound(Verify({"--receipt", File("later")}), "rolled-back",
              "ROLLED_BACK");
  // Of what was there before the copy nothing changed.
  EXPECT_EQ(Verify({"--receipt", File("receipt")}, Forgetful()).exit_code, 0);
}

TEST_F(TamperTest, ATruncatedLogThatGrewAgainIsNotTheOneOfTheReceipt) {
  EditWhileDown(CutTo(4));
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(
        Sign("ci", {"-o", File("again")}, {{"BOOTSEAL_STATE", File("another")}})
            .exit_code,
        0);
  }
  const Outcome outcome = Verify({"--receipt", File("receipt")}, Forgetful());
  ExpectFound(outcome, "consistency", "LOG_INCONSISTENT");
  ExpectFound(outcome, "consistency", "ENTRY_DIFFERS");
}

TEST_F(TamperTest, AReceiptThatWasEditedIsNoReceipt) {
  std::string receipt = Read("receipt");
  receipt[receipt.find("index ") + 6] = '3';
  Write("edited", receipt);
  const Outcome outcome = Verify({"--receipt", File("edited")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr(File("edited")));
}

TEST_F(TamperTest, ACheckpointOfAnotherLogIsRefused) {
  const ServerFixture other;
  Write("note", "other.example\n1\nAAAA\n\n");
  EXPECT_EQ(Verify({"--checkpoint", File("note")}).exit_code, 1);
}

}  // namespace
}  // namespace bootseal::tests
