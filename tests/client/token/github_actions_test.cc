// A token service as GitHub Actions has one, on this machine.
#include "client/token/github_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_issuer.h"

namespace bootseal::token {
namespace {

using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

constexpr char kRequestToken[] = "runner-secret";

class AdjustableClock final : public base::Clock {
 public:
  absl::Time Now() const override { return now_; }
  void Set(absl::Time now) { now_ = now; }

 private:
  absl::Time now_ = absl::Now();
};

std::string TokenUntil(absl::Time expiry) {
  return absl::StrCat(tests::Base64Url("{\"alg\":\"RS256\"}"), ".",
                      tests::Base64Url(absl::StrCat(
                          "{\"exp\":", absl::ToUnixSeconds(expiry), "}")),
                      ".", tests::Base64Url("signature"));
}

class GithubActionsTest : public testing::Test {
 protected:
  GithubActionsTest() {
    service_.Get("/token", [this](const httplib::Request& request,
                                  httplib::Response& response) {
      ++calls_;
      authorization_ = request.get_header_value("Authorization");
      audience_ = request.get_param_value("audience");
      version_ = request.get_param_value("api-version");
      response.status = code_;
      response.set_content(body_, "application/json");
    });
    port_ = service_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { service_.listen_after_bind(); });
    while (!service_.is_running()) std::this_thread::yield();
    setenv("ACTIONS_ID_TOKEN_REQUEST_URL", Url("?api-version=2.0").c_str(), 1);
    setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", kRequestToken, 1);
    Answer(TokenUntil(clock_.Now() + absl::Minutes(5)));
  }
  ~GithubActionsTest() override {
    service_.stop();
    thread_.join();
    unsetenv("ACTIONS_ID_TOKEN_REQUEST_URL");
    unsetenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  }

  std::string Url(const std::string& query) const {
    return absl::StrCat("http://127.0.0.1:", port_, "/token", query);
  }
  void Answer(const std::string& token) {
    body_ = absl::StrCat("{\"count\":1,\"value\":\"", token, "\"}");
  }
  std::unique_ptr<Source> NewSource() {
    auto actions = FindGithubActions();
    EXPECT_OK(actions);
    return FromGithubActions(*std::move(actions), "https://bootseal.example",
                             clock_);
  }

  AdjustableClock clock_;
  httplib::Server service_;
  int port_ = 0;
  std::thread thread_;
  int code_ = 200;
  std::string body_;
  std::atomic<int> calls_ = 0;
  std::string authorization_;
  std::string audience_;
  std::string version_;
};

TEST_F(GithubActionsTest, AreAskedForTheAudience) {
  const auto source = NewSource();
  EXPECT_EQ(calls_, 0);  // as late as possible
  const auto token = source->Fetch();
  ASSERT_OK(token);
  EXPECT_EQ(token->Reveal(), TokenUntil(clock_.Now() + absl::Minutes(5)));
  EXPECT_EQ(authorization_, "bearer runner-secret");
  EXPECT_EQ(audience_, "https://bootseal.example");
  EXPECT_EQ(version_, "2.0");
}

TEST_F(GithubActionsTest, AreAskedAgainWhenTheTokenIsAboutToEnd) {
  const auto source = NewSource();
  const absl::Time start = clock_.Now();
  ASSERT_OK(source->Fetch());
  clock_.Set(start + absl::Minutes(3));
  ASSERT_OK(source->Fetch());
  EXPECT_EQ(calls_, 1);
  clock_.Set(start + absl::Minutes(4) + absl::Seconds(1));
  Answer(TokenUntil(clock_.Now() + absl::Minutes(5)));
  ASSERT_OK(source->Fetch());
  EXPECT_EQ(calls_, 2);
}

TEST_F(GithubActionsTest, MayBeTriedAgainAfterAFault) {
  code_ = 503;
  const auto source = NewSource();
  const auto token = source->Fetch();
  EXPECT_THAT(token, StatusIs(Code::kUnavailable, "TOKEN_FETCH_FAILED"));
  EXPECT_THAT(token, MessageHas("503"));
  code_ = 200;
  EXPECT_OK(source->Fetch());
}

TEST_F(GithubActionsTest, ThatRefuseAreNotTriedAgain) {
  code_ = 403;
  const auto token = NewSource()->Fetch();
  EXPECT_THAT(token, StatusIs(Code::kPermissionDenied, "TOKEN_FETCH_REFUSED"));
  EXPECT_THAT(token, MessageHas("id-token: write"));
  EXPECT_THAT(token, testing::Not(MessageHas(kRequestToken)));
}

TEST_F(GithubActionsTest, ThatAnswerNonsenseRefuse) {
  for (const char* body : {"", "[]", "{\"value\":1}", "<html>"}) {
    body_ = body;
    EXPECT_THAT(NewSource()->Fetch(),
                StatusIs(Code::kPermissionDenied, "TOKEN_FETCH_REFUSED"))
        << body;
  }
  Answer("no token");
  EXPECT_THAT(NewSource()->Fetch(),
              StatusIs(Code::kInvalidArgument, "TOKEN_INVALID"));
}

TEST_F(GithubActionsTest, AreNotFollowedElsewhere) {
  service_.Get("/elsewhere", [](const auto&, httplib::Response& response) {
    response.set_redirect("/token");
  });
  setenv("ACTIONS_ID_TOKEN_REQUEST_URL",
         absl::StrCat("http://127.0.0.1:", port_, "/elsewhere").c_str(), 1);
  EXPECT_THAT(NewSource()->Fetch(),
              StatusIs(Code::kPermissionDenied, "TOKEN_FETCH_REFUSED"));
  EXPECT_EQ(calls_, 0);
}

TEST_F(GithubActionsTest, DoNotFillTheMemory) {
  body_ = std::string(1 << 20, 'x');
  EXPECT_THAT(NewSource()->Fetch(),
              StatusIs(Code::kUnavailable, "TOKEN_FETCH_FAILED"));
}

TEST_F(GithubActionsTest, AreNotAskedInTheClear) {
  for (const char* url :
       {"http://token.example/token", "ftp://127.0.0.1/token", "token",
        "http://127.0.0.1.evil.example/token", "http://127.0.0.1@evil/token"}) {
    setenv("ACTIONS_ID_TOKEN_REQUEST_URL", url, 1);
    EXPECT_THAT(FindGithubActions().status(),
                StatusIs(Code::kInvalidArgument, "TOKEN_SOURCE_INVALID"))
        << url;
  }
}

TEST_F(GithubActionsTest, AreMissingElsewhere) {
  unsetenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  EXPECT_THAT(FindGithubActions().status(),
              StatusIs(Code::kFailedPrecondition, "TOKEN_SOURCE_MISSING"));
}

}  // namespace
}  // namespace bootseal::token
