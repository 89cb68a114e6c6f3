// The server's search lies beside the tree: `audit verify` holds it against
// the entries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/cli/database.h"
#include "tests/client/cli/online_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class SearchTest : public OnlineTest {
 protected:
  // Entries 0 start, 1 policy, 2 allowed, 3 refused, 4 allowed.
  SearchTest() {
    server_.Start();
    EXPECT_EQ(Sign("ci", {"-o", File("a")}).exit_code, 0);
    EXPECT_EQ(Sign("developer").exit_code, 1);
    EXPECT_EQ(Bootseal("ci", {"sign", "--target", "app", "--version", "2",
                              File("app.bin")})
                  .exit_code,
              0);
  }

  // What somebody with the database can do.
  void Tamper(const std::string& sql) {
    server_.Stop();
    ExecuteSql(server_.folder().File("log.sqlite"), sql);
    server_.Start();
  }

  Outcome Verify(const std::string& flag = "--json") {
    return Bootseal("auditor", {"audit", "verify", flag});
  }

  void ExpectMismatch(const std::string& says) {
    const Outcome outcome = Verify();
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr("\"reason\":\"SEARCH_MISMATCH\""));
    EXPECT_THAT(outcome.out, HasSubstr("\"finding_classes\":1024,"));
    EXPECT_THAT(outcome.out, HasSubstr(says));
  }
};

TEST_F(SearchTest, OfAnUntouchedLogShowsWhatItHolds) {
  const Outcome outcome = Verify();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"releases\":2"));
  const Outcome text = Bootseal("auditor", {"audit", "verify"});
  EXPECT_THAT(text.out, HasSubstr("search"));
}

TEST_F(SearchTest, ThatHidesARefusalIsFound) {
  Tamper("UPDATE entries SET decision = 0 WHERE position = 3");
  EXPECT_THAT(
      Bootseal("auditor", {"audit", "list", "--decision", "refused"}).out,
      Not(HasSubstr("app")));
  ExpectMismatch("listing by decision \\\"refused\\\" leaves out entry 3");
}

TEST_F(SearchTest, ThatCallsARefusalAReleaseIsFound) {
  Tamper("UPDATE entries SET decision = 1 WHERE position = 3");
  ExpectMismatch("listing by decision \\\"allowed\\\" shows entry 3");
  ExpectMismatch("listing by decision \\\"refused\\\" leaves out entry 3");
}

TEST_F(SearchTest, ThatHidesAReleaseOfATargetIsFound) {
  Tamper("UPDATE entries SET target = 'room' WHERE position = 4");
  ExpectMismatch(R"(listing by target \"app\" leaves out entry 4)");
}

TEST_F(SearchTest, ThatHidesWhoAskedIsFound) {
  Tamper("UPDATE entries SET identity = '' WHERE position = 4");
  ExpectMismatch("listing by identity \\\"ci\\\" leaves out entry 4");
}

TEST_F(SearchTest, ThatHidesWhichKeySignedIsFound) {
  Tamper("UPDATE entries SET key = 'other' WHERE position = 4");
  ExpectMismatch("listing by key \\\"app\\\" leaves out entry 4");
}

TEST_F(SearchTest, ThatHidesWhatKindAnEntryIsIsFound) {
  Tamper("UPDATE entries SET kind = 12 WHERE position = 3");
  ExpectMismatch("listing by kind \\\"signing\\\" leaves out entry 3");
  ExpectMismatch("listing by kind \\\"start\\\" shows entry 3");
}

TEST_F(SearchTest, ThatMovesAnEntryToAnotherTimeIsFound) {
  Tamper(
      "UPDATE entries SET time_unix_ms = time_unix_ms - 1 WHERE position = 4");
  ExpectMismatch("listing by time leaves out entry 4");
}

TEST_F(SearchTest, ThatShowsTheServersOwnEntriesIsFound) {
  Tamper("UPDATE entries SET decision = 3 WHERE position = 1");
  ExpectMismatch("listing by decision \\\"pending\\\" shows entry 1");
}

TEST_F(SearchTest, StaysTrueOverManyPagesAndPolicies) {
  server_.AddTarget("second", "app");
  server_.policy().set_version(2);
  server_.WritePolicy();
  EXPECT_EQ(Bootseal("ci", {"sign", "--target", "second", "--version", "1",
                            File("app.bin")})
                .exit_code,
            1);
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(server_.WaitForLog("policy-in-force version=2"));
  EXPECT_EQ(Bootseal("ci", {"sign", "--target", "second", "--version", "1",
                            File("app.bin")})
                .exit_code,
            0);
  EXPECT_EQ(Verify().exit_code, 0) << Verify().err;
  Tamper(
      "UPDATE entries SET target = 'app' WHERE position > 5 AND decision = 1");
  ExpectMismatch("listing by target \\\"second\\\" leaves out entry ");
}

TEST_F(SearchTest, IsSaidToBeNoProof) {
  EXPECT_THAT(Bootseal("auditor", {"audit", "list", "--help"}).out,
              HasSubstr("`bootseal audit verify` proves"));
}

}  // namespace
}  // namespace bootseal::tests
