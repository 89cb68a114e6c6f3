// bootseal login against a real server, and what later commands make of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/client/login/login_fixture.h"
#include "tests/support/token_issuer.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

class LoginOnlineTest : public OnlineTest {
 protected:
  LoginOnlineTest() { server_.Start(); }

  LoginTarget Target() const {
    return {server_.address(), server_.ca_path(), server_.log_key()};
  }
  Outcome Login(const std::string& caller,
                const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"--cert", server_.certificate_path(caller),
                                 "--key", server_.key_path(caller)};
    all.insert(all.end(), more.begin(), more.end());
    return home_.Run(LoginArguments(Target(), all));
  }

  LoginHome home_;
};

TEST_F(LoginOnlineTest, LaterCommandsNeedNoSettings) {
  const Outcome login = Login("ci");
  ASSERT_EQ(login.exit_code, 0) << login.err;
  EXPECT_THAT(login.out, HasSubstr("takes you for ci (ci)"));
  EXPECT_THAT(login.out, HasSubstr("expires"));
  EXPECT_EQ(login.err, "");
  std::filesystem::remove(server_.key_path("ci"));  // the copy serves
  const Outcome sign =
      home_.Run({"sign", "--target", "app", "--version", "1.2.3",
                 File("app.bin"), "-o", File("app.signed")});
  EXPECT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(sign.err.find("warning"), std::string::npos);
}

TEST_F(LoginOnlineTest, TakesWhatTheEnvironmentSays) {
  const Outcome login =
      home_.Run({"login"}, server_.ClientEnvironment("developer"));
  EXPECT_EQ(login.exit_code, 0) << login.err;
  EXPECT_THAT(login.out, HasSubstr("takes you for developer (developer)"));
  EXPECT_THAT(login.err, HasSubstr("VARIABLES_WIN"));
  EXPECT_EQ(home_.Run({"targets", "list"}).exit_code, 0);
}

TEST_F(LoginOnlineTest, TellsMachinesWhoWeAre) {
  const Outcome login = Login("ci", {"--json"});
  ASSERT_EQ(login.exit_code, 0) << login.err;
  EXPECT_THAT(
      login.out,
      HasSubstr("\"seen_as\":{\"identity\":\"ci\",\"roles\":[\"ci\"]}"));
  EXPECT_THAT(login.out, HasSubstr("\"state\":\"valid\""));
  EXPECT_THAT(login.out,
              HasSubstr(absl::StrCat("\"key_file\":\"", home_.Stored("key.pem"),
                                     "\"")));
}

TEST_F(LoginOnlineTest, OfSomebodyUnknownToTheServerStoresNothing) {
  const Outcome login = Login("stranger");
  EXPECT_EQ(login.exit_code, 1);
  EXPECT_THAT(login.err, HasSubstr("UNKNOWN_IDENTITY"));
  EXPECT_EQ(login.out, "");
  EXPECT_FALSE(home_.HasSettings());
}

TEST_F(LoginOnlineTest, OfAnImpostorStoresNothing) {
  Write("other_ca.pem", server_.other_ca_pem());
  const Outcome login =
      Login("impostor", {"--client-ca", File("other_ca.pem")});
  EXPECT_NE(login.exit_code, 0);
  EXPECT_THAT(login.err, HasSubstr("HANDSHAKE_FAILED"));
  EXPECT_FALSE(home_.HasSettings());
}

TEST_F(LoginOnlineTest, IsNoEntryOfTheLog) {
  const auto entries = [&] {
    const Outcome list = Bootseal("auditor", {"audit", "list", "--json"});
    EXPECT_EQ(list.exit_code, 0) << list.err;
    return list.out;
  };
  const std::string before = entries();
  ASSERT_EQ(Login("developer").exit_code, 0);
  EXPECT_EQ(entries(), before);
}

TEST_F(LoginOnlineTest, OfATokenKeepsItsPlace) {
  server_.Stop();
  TokenIssuer issuer("https://issuer.example");
  server_.AddIssuer("jobs", issuer);
  for (v1::Person& person : *server_.policy().mutable_people()) {
    *person.add_workloads() = WorkloadOf("jobs", {{"job", person.name()}});
  }
  server_.policy().set_version(server_.policy().version() + 1);
  server_.Start();
  ASSERT_OK(base::WriteFileAtomically(
      File("token"), issuer.Sign(issuer.Claims({{"job", JsonText("ci")}})),
      base::FileMode::kPrivate));
  const Outcome login =
      home_.Run(LoginArguments(Target(), {"--token-file", File("token")}));
  ASSERT_EQ(login.exit_code, 0) << login.err;
  EXPECT_THAT(login.out, HasSubstr("takes you for ci"));
  EXPECT_THAT(login.out, HasSubstr("token until"));
  EXPECT_EQ(home_.Run({"targets", "list"}).exit_code, 0);
  ASSERT_OK(base::WriteFileAtomically(File("token"), "gone stale",
                                      base::FileMode::kPrivate));
  const Outcome status = home_.Run({"login", "--status"});
  EXPECT_EQ(status.exit_code, 5);
  EXPECT_THAT(status.err, HasSubstr("TOKEN_INVALID"));
}

TEST_F(LoginOnlineTest, VariablesThatWinAreNamed) {
  ASSERT_EQ(Login("ci").exit_code, 0);
  const Outcome status =
      home_.Run({"login", "--status"}, {{"BOOTSEAL_CERT", "/other.pem"}});
  EXPECT_EQ(status.exit_code, 0);
  EXPECT_THAT(status.err, HasSubstr("VARIABLES_WIN: BOOTSEAL_CERT"));
}

TEST_F(LoginOnlineTest, LogoutLeavesNothingToSignWith) {
  ASSERT_EQ(Login("ci").exit_code, 0);
  const std::string key = home_.Stored("key.pem");
  const Outcome logout = home_.Run({"logout"});
  EXPECT_EQ(logout.exit_code, 0) << logout.err;
  EXPECT_THAT(logout.out, HasSubstr("removed"));
  EXPECT_FALSE(std::filesystem::exists(key));
  const Outcome list = home_.Run({"targets", "list"});
  EXPECT_EQ(list.exit_code, 1);
  EXPECT_THAT(list.err, HasSubstr("NO_CREDENTIALS"));
  EXPECT_EQ(home_.Run({"logout"}).exit_code, 5);
}

TEST_F(LoginOnlineTest, ThatExpiresSoonIsSaidOnceByEveryCommand) {
  CertificateRequest request = ForSpiffe("spiffe://test/ci");
  request.not_before = absl::Now() - absl::Hours(40);
  request.not_after = absl::Now() + absl::Hours(3);
  const CertificateAuthority ca("second");
  WriteCredential(folder_, "brief", ca.Issue(request));
  Write("second.pem", ca.certificate_pem());
  const Outcome login = home_.Run(LoginArguments(
      Target(), {"--cert", File("brief.pem"), "--key", File("brief.key"),
                 "--client-ca", File("second.pem"), "--offline"}));
  ASSERT_EQ(login.exit_code, 0) << login.err;
  const Outcome list = home_.Run({"targets", "list"});
  const std::size_t first = list.err.find("CERTIFICATE_EXPIRES_SOON");
  ASSERT_NE(first, std::string::npos) << list.err;
  EXPECT_EQ(list.err.find("CERTIFICATE_EXPIRES_SOON", first + 1),
            std::string::npos);
  EXPECT_THAT(list.err, HasSubstr("in 2 hours"));
  const Outcome status = home_.Run({"login", "--status"});
  EXPECT_EQ(status.exit_code, 0);
  EXPECT_THAT(status.err, HasSubstr("CERTIFICATE_EXPIRES_SOON"));
}

}  // namespace
}  // namespace bootseal::tests
