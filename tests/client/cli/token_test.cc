// The program with the token of a CI job, alone and beside a certificate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/token_issuer.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class CallTokenTest : public OnlineTest {
 protected:
  CallTokenTest() : issuer_("https://issuer.example") {
    server_.AddIssuer("jobs", issuer_);
    for (v1::Person& person : *server_.policy().mutable_people()) {
      *person.add_workloads() = WorkloadOf("jobs", {{"job", person.name()}});
    }
    server_.Start();
  }

  std::string Token(const std::string& job,
                    const JsonMembers& more = {}) const {
    JsonMembers claims = issuer_.Claims({{"job", JsonText(job)}});
    for (const auto& [name, value] : more) claims[name] = value;
    return issuer_.Sign(claims);
  }

  TokenIssuer issuer_;
};

TEST_F(CallTokenTest, OfTheEnvironmentSigns) {
  const std::string token = Token("ci");
  const Outcome outcome =
      Sign("", {"-o", File("app.signed")}, {{"BOOTSEAL_TOKEN", token}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out + outcome.err,
              Not(HasSubstr(token.substr(token.size() - 24))));
}

TEST_F(CallTokenTest, OfAFileOrTheConfigurationSigns) {
  Write("token", Token("ci") + "\n");
  EXPECT_EQ(
      Sign("", {"--token-file", File("token"), "-o", File("a")}).exit_code, 0);
  EXPECT_EQ(
      Sign("", {"-o", File("b")}, {{"BOOTSEAL_TOKEN_FILE", File("token")}})
          .exit_code,
      0);
  Write("settings", "token-file = token\n");
  EXPECT_EQ(Sign("", {"--config", File("settings"), "-o", File("c")}).exit_code,
            0);
}

TEST_F(CallTokenTest, FileOfTheCommandLineWinsOverTheEnvironment) {
  Write("token", Token("developer"));
  const Environment ci{{"BOOTSEAL_TOKEN", Token("ci")}};
  EXPECT_EQ(
      Sign("", {"--token-file", File("token"), "-o", File("a")}, ci).exit_code,
      1);
  EXPECT_EQ(Sign("", {"-o", File("a")}, ci).exit_code, 0);
}

TEST_F(CallTokenTest, BesideACertificateMustBeOfTheSamePerson) {
  EXPECT_EQ(Sign("ci", {"-o", File("a")}, {{"BOOTSEAL_TOKEN", Token("ci")}})
                .exit_code,
            0);
  const Outcome outcome =
      Sign("developer", {"-o", File("b")}, {{"BOOTSEAL_TOKEN", Token("ci")}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("IDENTITIES_DIFFER"));
}

TEST_F(CallTokenTest, ThatIsRefusedIsNotPrinted) {
  const std::string token = Token("nobody");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"targets", "list"},
        std::vector<std::string>{"--json", "targets", "list"}}) {
    const Outcome outcome =
        Bootseal("", arguments, {{"BOOTSEAL_TOKEN", token}});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("CLAIM_MISMATCH"));
    EXPECT_THAT(outcome.err, HasSubstr("nobody"));
    EXPECT_THAT(outcome.err, Not(HasSubstr(token.substr(0, 24))));
    EXPECT_THAT(outcome.err, Not(HasSubstr(token.substr(token.size() - 24))));
  }
}

TEST_F(CallTokenTest, ThatIsNoneEndsBeforeAnyCall) {
  const Outcome outcome =
      Bootseal("", {"targets", "list"}, {{"BOOTSEAL_TOKEN", "hunter2"}});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("TOKEN_INVALID: no call was made: "));
  EXPECT_THAT(outcome.err, Not(HasSubstr("hunter2")));
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  const Outcome expired = Bootseal(
      "", {"targets", "list"},
      {{"BOOTSEAL_TOKEN", Token("ci", {{"exp", absl::StrCat(now - 100)}})}});
  EXPECT_EQ(expired.exit_code, 5);
  EXPECT_THAT(expired.err, HasSubstr("TOKEN_EXPIRED"));
}

TEST_F(CallTokenTest, IsNoOptionOfTheCommandLine) {
  const Outcome outcome =
      Bootseal("", {"targets", "list", "--token", Token("ci")});
  EXPECT_EQ(outcome.exit_code, 2);
}

TEST_F(CallTokenTest, IsNamedOnce) {
  const Outcome outcome =
      Bootseal("", {"targets", "list", "--token-file", File("token"),
                    "--token-audience", "a"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("TOKEN_AMBIGUOUS"));
}

TEST_F(CallTokenTest, HasNoSourceOutsideOfGithubActions) {
  const Outcome outcome =
      Bootseal("", {"targets", "list", "--token-audience", "a"},
               {{"ACTIONS_ID_TOKEN_REQUEST_URL", ""}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("TOKEN_SOURCE_MISSING"));
}

TEST_F(CallTokenTest, OfGithubActionsIsFetchedAndSigns) {
  httplib::Server service;
  std::string audience;
  service.Get("/token", [&](const httplib::Request& request,
                            httplib::Response& response) {
    audience = request.get_param_value("audience");
    response.set_content(absl::StrCat("{\"value\":\"", Token("ci"), "\"}"),
                         "application/json");
  });
  const int port = service.bind_to_any_port("127.0.0.1");
  std::thread thread([&service] { service.listen_after_bind(); });
  const Outcome outcome =
      Sign("", {"--token-audience", TokenIssuer::kAudience, "-o", File("a")},
           {{"ACTIONS_ID_TOKEN_REQUEST_URL",
             absl::StrCat("http://127.0.0.1:", port, "/token")},
            {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner-secret"}});
  service.stop();
  thread.join();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(audience, TokenIssuer::kAudience);
}

}  // namespace
}  // namespace bootseal::tests
