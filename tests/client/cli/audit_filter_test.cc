// What list and tail show when only some entries are wanted.
#include "client/cli/audit_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/client/cli/online_fixture.h"
#include "tests/support/free_port.h"

namespace bootseal::tests {
namespace {

using cli::ParseMoment;
using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(Moment, IsADateATimeOrAnAge) {
  EXPECT_EQ(ParseMoment("2023-11-14", kNow),
            absl::FromUnixSeconds(1'699'920'000));
  EXPECT_EQ(ParseMoment("2023-11-14T22:13:20Z", kNow), kNow);
  EXPECT_EQ(ParseMoment("2023-11-14T23:13:20.5+01:00", kNow),
            kNow + absl::Milliseconds(500));
  EXPECT_EQ(ParseMoment("90s", kNow), kNow - absl::Seconds(90));
  EXPECT_EQ(ParseMoment("30m", kNow), kNow - absl::Minutes(30));
  EXPECT_EQ(ParseMoment("2h", kNow), kNow - absl::Hours(2));
  EXPECT_EQ(ParseMoment("7d", kNow), kNow - absl::Hours(168));
  EXPECT_EQ(ParseMoment("4w", kNow), kNow - absl::Hours(672));
}

TEST(Moment, IsNothingElse) {
  for (const char* text :
       {"", "h", "2", "-2h", "2 h", "2y", "yesterday", "2023-13-01",
        "2023-11-31", "2023-11-14T22", "2023-11-14T22:13:20", "1969-01-01",
        "infinite-past", "infinite-future", "99999999w", " 2023-11-14",
        "2023-11-14 "}) {
    EXPECT_EQ(ParseMoment(text, kNow), std::nullopt) << text;
  }
}

class FilterTest : public OnlineTest {
 protected:
  // Entries 0 start, 1 policy, 2 app with key app, 3 second with key slow,
  // 4 refused.
  FilterTest() {
    server_.AddKey("slow", hsm::Algorithm::kEd25519);
    server_.AddTarget("second", "slow");
    server_.config().set_listen(port_.address());
    server_.Start();
    EXPECT_EQ(Sign("ci").exit_code, 0);
    EXPECT_EQ(Bootseal("ci", {"sign", "--target", "second", "--version", "2",
                              "-o", File("x"), File("app.bin")})
                  .exit_code,
              0);
    EXPECT_EQ(Sign("developer").exit_code, 1);
  }

  // "2 3 ": the indices that are listed.
  std::string Listed(std::vector<std::string> filter) {
    filter.insert(filter.begin(), {"audit", "list"});
    const Outcome outcome = Bootseal("auditor", filter);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    std::string indices;
    for (std::size_t line = outcome.out.find('\n');
         line + 1 < outcome.out.size();
         line = outcome.out.find('\n', line + 1)) {
      indices += outcome.out[line + 1];
      indices += ' ';
    }
    return indices;
  }

  const FreePort port_;
};

TEST_F(FilterTest, ListsOfAKey) {
  EXPECT_EQ(Listed({"--signing-key", "slow"}), "3 ");
  EXPECT_EQ(Listed({"--signing-key", "nothing"}), "");
}

TEST_F(FilterTest, ListsOfAKind) {
  EXPECT_EQ(Listed({"--kind", "policy"}), "1 ");
  EXPECT_EQ(Listed({"--kind", "signing", "--decision", "allowed"}), "2 3 ");
  const Outcome outcome =
      Bootseal("auditor", {"audit", "list", "--kind", "nothing"});
  EXPECT_EQ(outcome.exit_code, 2);
}

TEST_F(FilterTest, ListsOfATime) {
  EXPECT_EQ(Listed({"--since", "2h"}), "0 1 2 3 4 ");
  EXPECT_EQ(Listed({"--until", "2h"}), "");
  EXPECT_EQ(Listed({"--since", "2020-01-01", "--until", "2020-01-02"}), "");
  EXPECT_EQ(Listed({"--since", "2020-01-01T00:00:00Z", "--target", "app",
                    "--identity", "ci"}),
            "2 ");
}

TEST_F(FilterTest, RefusesAMomentThatIsNone) {
  for (const char* moment : {"yesterday", "", "2h30"}) {
    const Outcome outcome =
        Bootseal("auditor", {"audit", "list", "--since", moment});
    EXPECT_EQ(outcome.exit_code, 2) << moment;
    EXPECT_THAT(outcome.err, HasSubstr("expected a date"));
  }
}

TEST_F(FilterTest, FollowsWhatIsWantedOnly) {
  const Outcome outcome = Bootseal(
      "auditor",
      {"audit", "tail", "--start", "0", "--target", "second", "--count", "1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("3  20"));
  EXPECT_THAT(outcome.out, HasSubstr("second 2"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("app 1.2.3")));
}

// Three more releases, and a server that stops and starts between them.
TEST_F(FilterTest, GoesOnWhereItWasWhenTheServerComesBack) {
  // A child ends with the thread that started it: the server is this one's.
  Outcome outcome;
  std::thread tail([this, &outcome] {
    outcome =
        Bootseal("auditor", {"audit", "tail", "--start", "0", "--target", "app",
                             "--decision", "allowed", "--count", "4"});
  });
  for (const char* name : {"a", "b"}) {
    EXPECT_EQ(Sign("ci", {"-o", File(name)}).exit_code, 0);
  }
  server_.Stop();
  server_.Start();
  EXPECT_EQ(Sign("ci", {"-o", File("c")}).exit_code, 0);
  tail.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  // Start and policy of the second run lie between.
  for (const char* index : {"2  20", "\n5  20", "\n6  20", "\n9  20"}) {
    EXPECT_THAT(outcome.out, HasSubstr(index));
  }
}

}  // namespace
}  // namespace bootseal::tests
