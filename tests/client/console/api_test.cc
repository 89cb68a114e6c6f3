// What the page gets to show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/client/console/http_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

using ConsoleApi = HttpTest;

TEST_F(ConsoleApi, PassesEveryFilterOn) {
  const std::string reply =
      Get("/api/entries?target=an521%2Fapp&identity=ci&key=k&decision=refused"
          "&from=5&until=9&start=7&limit=20");
  ASSERT_EQ(StatusOfReply(reply), 200) << reply;
  const v1::ListEntriesRequest filter = source_.last_filter();
  EXPECT_EQ(filter.target(), "an521/app");
  EXPECT_EQ(filter.identity(), "ci");
  EXPECT_EQ(filter.key(), "k");
  EXPECT_EQ(filter.decision(), "refused");
  EXPECT_EQ(filter.from_unix_ms(), 5);
  EXPECT_EQ(filter.until_unix_ms(), 9);
  EXPECT_EQ(filter.start(), 7U);
  EXPECT_EQ(filter.limit(), 20U);
}

TEST_F(ConsoleApi, NamesAFilterThatIsNoNumber) {
  for (const char* query : {"start=x", "start=-1", "limit=1e3", "from=0x10",
                            "until=99999999999999999999"}) {
    const std::string reply = Get(absl::StrCat("/api/entries?", query));
    EXPECT_EQ(StatusOfReply(reply), 400) << query;
    EXPECT_EQ(Member(reply, "reason"), "FIELD_INVALID") << query;
  }
  EXPECT_EQ(source_.calls(), 0);
}

TEST_F(ConsoleApi, TakesATimeAfterAllOthersForTheLastOneThereIs) {
  const std::string reply =
      Get("/api/entries?from=18446744073709551615&until=9223372036854775808");
  ASSERT_EQ(StatusOfReply(reply), 200) << reply;
  const v1::ListEntriesRequest filter = source_.last_filter();
  EXPECT_EQ(filter.from_unix_ms(), INT64_MAX);
  EXPECT_EQ(filter.until_unix_ms(), INT64_MAX);
}

TEST_F(ConsoleApi, ShowsARequestAgainstTheLastRelease) {
  const std::string reply =
      Get(absl::StrCat("/api/requests/", source_.subject()));
  ASSERT_EQ(StatusOfReply(reply), 200) << reply;
  EXPECT_THAT(reply, HasSubstr("{\"name\":\"version\",\"before\":\"1.2.2\","
                               "\"now\":\"1.2.3\"}"));
  EXPECT_THAT(reply, HasSubstr(absl::BytesToHexString(std::string(32, 'd'))));
  EXPECT_THAT(reply, HasSubstr("\"state\":\"waiting\""));
}

TEST_F(ConsoleApi, SaysThatTheServersCountIsTheServers) {
  const std::string reply =
      Get(absl::StrCat("/api/requests/", source_.subject()));
  EXPECT_EQ(Member(reply, "needed"), "2");
  EXPECT_EQ(Member(reply, "counted_proven"), "false");
  EXPECT_EQ(Member(reply, "last_release_proven"), "false");
  EXPECT_EQ(Member(reply, "policy_index"), "null");
}

TEST_F(ConsoleApi, ShowsOurOwnCountAndThatTheServersDiffers) {
  approval::Review review;
  review.request.set_needed(2);
  review.last_release = approval::LastRelease{3, v1::Entry(), true};
  review.tally = approval::Tally{4, 1, 3, {}};
  review.tally->quorum.people = {"alice"};
  source_.ShowProven(review);
  const std::string reply =
      Get(absl::StrCat("/api/requests/", source_.subject()));
  EXPECT_THAT(reply, HasSubstr("\"needed\":3,\"counted\":[\"alice\"]"));
  EXPECT_EQ(Member(reply, "counted_proven"), "true");
  EXPECT_EQ(Member(reply, "last_release_proven"), "true");
  EXPECT_EQ(Member(reply, "policy_index"), "4");
  EXPECT_EQ(Member(reply, "server_differs"), "true");
  EXPECT_EQ(Member(reply, "server_needed"), "2");
}

TEST_F(ConsoleApi, ShowsNothingAsProvenOfWhatThisMachineDoesNotTake) {
  source_.ShowUnproven(absl::FailedPreconditionError("another log"));
  const std::string reply =
      Get(absl::StrCat("/api/requests/", source_.subject()));
  EXPECT_THAT(reply, HasSubstr("another log"));
  EXPECT_EQ(Member(reply, "counted_proven"), "false");
  EXPECT_EQ(Member(reply, "last_release_proven"), "false");
}

TEST_F(ConsoleApi, KnowsNoOtherCall) {
  for (const char* path : {"/api/", "/api/keys", "/api/entries/1/2",
                           "/api/requests//confirmation"}) {
    EXPECT_EQ(StatusOfReply(Get(path)), 404) << path;
  }
  EXPECT_EQ(StatusOfReply(Post("/api/entries", "{}")), 404);
  EXPECT_EQ(source_.calls(), 0);
}

}  // namespace
}  // namespace bootseal::tests
