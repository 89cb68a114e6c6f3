#include "client/token/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/token_issuer.h"

namespace bootseal::token {
namespace {

using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

std::string TokenUntil(absl::Time expiry) {
  return absl::StrCat(tests::Base64Url("{\"alg\":\"RS256\"}"), ".",
                      tests::Base64Url(absl::StrCat(
                          "{\"exp\":", absl::ToUnixSeconds(expiry), "}")),
                      ".", tests::Base64Url("signature"));
}

std::string GoodToken() { return TokenUntil(absl::Now() + absl::Minutes(5)); }

class TokenSourceTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> FetchText(const std::string& text) {
    return Fetch(*FromText(text, "BOOTSEAL_TOKEN", clock_));
  }
  static absl::StatusOr<std::string> Fetch(Source& source) {
    const auto token = source.Fetch();
    if (!token.ok()) return token.status();
    return std::string(token->Reveal());
  }

  const base::SystemClock clock_;
  tests::TemporaryFolder folder_;
};

TEST_F(TokenSourceTest, GivesTheTextOfTheEnvironment) {
  const std::string token = GoodToken();
  EXPECT_EQ(*FetchText(token), token);
  EXPECT_EQ(*FetchText(absl::StrCat(" ", token, "\n")), token);
}

TEST_F(TokenSourceTest, ReadsTheFileForEachCall) {
  const std::string path = folder_.File("token");
  const std::string first = GoodToken();
  const std::string second = TokenUntil(absl::Now() + absl::Minutes(9));
  ASSERT_OK(base::WriteFileAtomically(path, first + "\n"));
  const auto source = FromFile(path, clock_);
  EXPECT_EQ(*Fetch(*source), first);
  ASSERT_OK(base::WriteFileAtomically(path, second));
  EXPECT_EQ(*Fetch(*source), second);
}

TEST_F(TokenSourceTest, RefusesAFileThatOthersMayWrite) {
  const std::string path = folder_.File("token");
  ASSERT_OK(base::WriteFileAtomically(path, GoodToken()));
  const auto source = FromFile(path, clock_);
  for (const mode_t mode : {0666U, 0620U, 0602U}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    EXPECT_THAT(Fetch(*source),
                StatusIs(Code::kFailedPrecondition, "FILE_MODE"));
  }
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_OK(Fetch(*source));
}

// Nobody writes into it: whoever opened it to read would wait for ever.
TEST_F(TokenSourceTest, RefusesAPipeWithoutWaiting) {
  const std::string pipe = folder_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string link = folder_.File("token");
  std::filesystem::create_symlink(pipe, link);
  for (const std::string& path : {pipe, link}) {
    const auto token = Fetch(*FromFile(path, clock_));
    EXPECT_THAT(token, StatusIs(Code::kFailedPrecondition, "FILE_UNREADABLE"));
    EXPECT_THAT(token, MessageHas("it is a pipe, expected a regular file"));
  }
}

TEST_F(TokenSourceTest, RefusesAFolder) {
  EXPECT_THAT(Fetch(*FromFile(folder_.File(""), clock_)),
              StatusIs(Code::kFailedPrecondition, "FILE_UNREADABLE"));
}

// As Kubernetes projects the token of a service account, and renews it.
TEST_F(TokenSourceTest, FollowsALinkThatLeadsElsewhereMeanwhile) {
  const std::string link = folder_.File("token");
  const std::string first = GoodToken();
  const std::string second = TokenUntil(absl::Now() + absl::Minutes(9));
  ASSERT_OK(base::WriteFileAtomically(folder_.File("first"), first));
  ASSERT_OK(base::WriteFileAtomically(folder_.File("second"), second));
  std::filesystem::create_symlink("first", link);
  const auto source = FromFile(link, clock_);
  EXPECT_EQ(*Fetch(*source), first);
  std::filesystem::remove(link);
  std::filesystem::create_symlink("second", link);
  EXPECT_EQ(*Fetch(*source), second);
}

TEST_F(TokenSourceTest, HoldsWhatALinkLeadsToAgainstTheRules) {
  const std::string path = folder_.File("of others");
  ASSERT_OK(base::WriteFileAtomically(path, GoodToken()));
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  std::filesystem::create_symlink(path, folder_.File("token"));
  EXPECT_THAT(Fetch(*FromFile(folder_.File("token"), clock_)),
              StatusIs(Code::kFailedPrecondition, "FILE_MODE"));
}

TEST_F(TokenSourceTest, SaysThatTheFileIsNotThere) {
  EXPECT_THAT(Fetch(*FromFile(folder_.File("nothing"), clock_)),
              StatusIs(Code::kNotFound, "FILE_NOT_FOUND"));
}

TEST_F(TokenSourceTest, RefusesWhatIsNoTokenWithoutRepeatingIt) {
  for (const std::string& text :
       {std::string("hunter2"), std::string("a.b"), std::string("a..c"),
        std::string("a.b.c.d"), std::string("a.b c.d"),
        std::string("Bearer a.b.c")}) {
    const auto token = FetchText(text);
    EXPECT_THAT(token, StatusIs(Code::kInvalidArgument, "TOKEN_INVALID"));
    EXPECT_THAT(token, MessageHas("BOOTSEAL_TOKEN"));
    EXPECT_THAT(token, testing::Not(MessageHas(text)));
  }
}

TEST_F(TokenSourceTest, RefusesATokenThatNoServerTakes) {
  const auto token = FetchText(absl::StrCat(std::string(16384, 'a'), ".b.c"));
  EXPECT_THAT(token, StatusIs(Code::kInvalidArgument, "TOKEN_INVALID"));
  EXPECT_THAT(token, MessageHas("16388 bytes"));
}

TEST_F(TokenSourceTest, RefusesAnExpiredTokenAMinuteLate) {
  const absl::Time now = absl::Now();
  EXPECT_OK(FetchText(TokenUntil(now - absl::Seconds(50))));
  const auto token = FetchText(TokenUntil(now - absl::Seconds(62)));
  EXPECT_THAT(token, StatusIs(Code::kFailedPrecondition, "TOKEN_EXPIRED"));
  EXPECT_THAT(token, MessageHas("BOOTSEAL_TOKEN expired at "));
}

TEST_F(TokenSourceTest, LeavesATokenWithoutAnEndToTheServer) {
  EXPECT_OK(FetchText("a.b.c"));
}

}  // namespace
}  // namespace bootseal::token
