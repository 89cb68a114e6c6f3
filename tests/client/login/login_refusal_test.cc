// What bootseal login refuses on this machine, before any server is asked: the
// reason, the exit status, and that nothing was stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/login/login_fixture.h"
#include "tests/support/token_issuer.h"

namespace bootseal::tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr char kLogKey[] =
    "fwsign.example/audit+fd33bb95+"
    "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

// Whoever asked the server would end with exit status 4: it is not there.
class LoginRefusalTest : public testing::Test {
 protected:
  LoginRefusalTest() {
    Write("ca.pem", ca_.certificate_pem());
    Write("ca2.pem", other_ca_.certificate_pem());
    Write("no_pem", "neither certificate nor key");
    for (const char* name : {"ci", "developer"}) {
      AddCertificate(name, ForSpiffe(absl::StrCat("spiffe://test/", name)));
    }
  }

  void Write(const std::string& name, const std::string& text) const {
    ASSERT_OK(base::WriteFileAtomically(File(name), text));
  }
  void WriteToken(const std::string& text) const {
    ASSERT_OK(base::WriteFileAtomically(File("token"), text,
                                        base::FileMode::kPrivate));
  }
  void SetMode(const std::string& path, unsigned mode) const {
    std::filesystem::permissions(path, std::filesystem::perms(mode));
  }
  void AddCertificate(const std::string& name,
                      const CertificateRequest& request) const {
    WriteCredential(folder_, name, ca_.Issue(request));
  }
  std::string File(const std::string& name) const { return folder_.File(name); }

  Outcome Run(const std::vector<std::string>& arguments,
              const Environment& changes = {}) const {
    return home_.Run(LoginArguments(target_, arguments), changes);
  }
  Outcome Login(const std::string& name,
                const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"--cert", File(name + ".pem"), "--key",
                                 File(name + ".key")};
    all.insert(all.end(), more.begin(), more.end());
    return Run(all);
  }

  void ExpectRefused(const Outcome& login, int exit_code,
                     const std::string& reason) {
    EXPECT_EQ(login.exit_code, exit_code) << login.err;
    EXPECT_THAT(login.err, HasSubstr(reason + ": "));
    EXPECT_EQ(login.out, "");
    EXPECT_FALSE(home_.HasSettings());
    EXPECT_THAT(login.err, Not(HasSubstr("PRIVATE KEY")));
  }

  TemporaryFolder folder_;
  LoginHome home_;
  CertificateAuthority ca_{"first"};
  CertificateAuthority other_ca_{"second"};
  LoginTarget target_{"127.0.0.1:1", File("ca.pem"), kLogKey};
};

TEST_F(LoginRefusalTest, NobodyGiven) {
  ExpectRefused(Run({}), 2, "IDENTITY_MISSING");
}

TEST_F(LoginRefusalTest, HalfAnIdentity) {
  ExpectRefused(Run({"--cert", File("ci.pem")}), 2, "CERTIFICATE_WITHOUT_KEY");
  ExpectRefused(Run({"--key", File("ci.key")}), 2, "KEY_WITHOUT_CERTIFICATE");
}

TEST_F(LoginRefusalTest, KeyOfAnotherCertificate) {
  ExpectRefused(Run({"--cert", File("ci.pem"), "--key", File("developer.key")}),
                5, "KEY_MISMATCH");
}

TEST_F(LoginRefusalTest, ExpiredCertificate) {
  AddCertificate("expired", Expired({}));
  ExpectRefused(Login("expired"), 5, "CERTIFICATE_EXPIRED");
  ExpectRefused(Login("expired", {"--offline", "--force"}), 5,
                "CERTIFICATE_EXPIRED");
}

TEST_F(LoginRefusalTest, CertificateThatIsNotYetValid) {
  CertificateRequest request;
  request.not_before = absl::Now() + absl::Hours(1);
  AddCertificate("early", request);
  ExpectRefused(Login("early"), 5, "CERTIFICATE_NOT_YET_VALID");
}

TEST_F(LoginRefusalTest, CertificateOfAnotherCa) {
  WriteCredential(folder_, "other", other_ca_.Issue({}));
  ExpectRefused(Login("other"), 5, "CERTIFICATE_CHAIN");
  ExpectRefused(Login("ci", {"--client-ca", File("ca2.pem")}), 5,
                "CERTIFICATE_CHAIN");
}

TEST_F(LoginRefusalTest, KeyWithAPassphrase) {
  ASSERT_EQ(tests::Run({"openssl", "pkey", "-in", File("ci.key"), "-aes256",
                        "-passout", "pass:secret", "-out", File("locked.key")})
                .exit_code,
            0);
  const Outcome login =
      Run({"--cert", File("ci.pem"), "--key", File("locked.key")});
  ExpectRefused(login, 5, "KEY_ENCRYPTED");
  EXPECT_THAT(login.err, HasSubstr("openssl pkey -in"));
}

TEST_F(LoginRefusalTest, KeyInAToken) {
  ExpectRefused(
      Run({"--cert", File("ci.pem"), "--key", "pkcs11:token=mine;object=ci"}),
      5, "KEY_IN_TOKEN");
}

TEST_F(LoginRefusalTest, FilesThatAreNotThereOrNoPem) {
  ExpectRefused(Run({"--cert", File("none"), "--key", File("ci.key")}), 5,
                "FILE_NOT_FOUND");
  ExpectRefused(Run({"--cert", File("no_pem"), "--key", File("ci.key")}), 5,
                "CERTIFICATE_INVALID");
  ExpectRefused(Run({"--cert", File("ci.pem"), "--key", File("no_pem")}), 5,
                "KEY_INVALID");
  target_.ca = File("no_pem");
  ExpectRefused(Login("ci"), 5, "CA_INVALID");
}

TEST_F(LoginRefusalTest, LogKeyThatIsNone) {
  target_.log_key = "origin+12345678+AAAA";
  ExpectRefused(Login("ci"), 2, "LOG_KEY_INVALID");
}

TEST_F(LoginRefusalTest, NoServerOrNoAddress) {
  target_.server = "nowhere";
  ExpectRefused(Login("ci", {"--offline"}), 2, "SERVER_INVALID");
  ExpectRefused(home_.Run({"login", "--offline", "--ca", File("ca.pem"),
                           "--cert", File("ci.pem"), "--key", File("ci.key")}),
                2, "SERVER_MISSING");
}

TEST_F(LoginRefusalTest, TokenThatIsNoneOrOverOrInTheEnvironment) {
  const TokenIssuer issuer("https://issuer.example");
  WriteToken("no.token");
  ExpectRefused(Run({"--token-file", File("token")}), 5, "TOKEN_INVALID");
  WriteToken(issuer.Sign(issuer.Claims({{"exp", "1000000000"}})));
  ExpectRefused(Run({"--token-file", File("token")}), 5, "TOKEN_EXPIRED");
  ExpectRefused(Run({}, {{"BOOTSEAL_TOKEN", issuer.Sign(issuer.Claims())}}), 2,
                "TOKEN_NOT_STORED");
}

TEST_F(LoginRefusalTest, TokenFileThatIsOpenToOthers) {
  const TokenIssuer issuer("https://issuer.example");
  const std::string token = issuer.Sign(issuer.Claims());
  WriteToken(token);
  for (const unsigned mode : {0666U, 0620U, 0606U}) {
    SetMode(File("token"), mode);
    for (const char* more : {"--offline", "--force"}) {
      const Outcome login = Run({"--token-file", File("token"), more});
      ExpectRefused(login, 5, "FILE_MODE");
      EXPECT_THAT(login.err,
                  ContainsRegex("fix: chmod (600|go-w) -- " + File("token")));
      EXPECT_THAT(login.err, Not(HasSubstr(token)));
    }
  }
}

// One rule for login and calls; calls that it lets pass are source_test.cc's.
TEST_F(LoginRefusalTest, TokenFileThatCallsRefuseTooAndNoOther) {
  const TokenIssuer issuer("https://issuer.example");
  WriteToken(issuer.Sign(issuer.Claims()));
  const unsigned forbidden = geteuid() == 0 ? 0022U : 0077U;
  for (const unsigned mode :
       {0400U, 0600U, 0640U, 0604U, 0644U, 0620U, 0602U, 0666U}) {
    SCOPED_TRACE(testing::Message() << "mode 0" << std::oct << mode);
    SetMode(File("token"), mode);
    const Outcome login =
        Run({"--token-file", File("token"), "--offline", "--force"});
    EXPECT_EQ(login.exit_code, (mode & forbidden) == 0 ? 0 : 5) << login.err;
    if ((mode & forbidden) == 0) continue;
    const Outcome call = home_.Run({"targets", "list"});
    EXPECT_EQ(call.exit_code, 5);
    EXPECT_THAT(call.err, HasSubstr("FILE_MODE: "));
    EXPECT_THAT(call.err, HasSubstr("no call was made"));
  }
}

// It would be read again for each call, and each would wait for its writer.
TEST_F(LoginRefusalTest, TokenFileThatIsAPipe) {
  ASSERT_EQ(mkfifo(File("token").c_str(), 0600), 0);
  for (const char* more : {"--offline", "--force"}) {
    const Outcome login = Run({"--token-file", File("token"), more});
    ExpectRefused(login, 5, "FILE_UNREADABLE");
    EXPECT_THAT(login.err, HasSubstr("it is a pipe, expected a regular file"));
  }
}

TEST_F(LoginRefusalTest, TokenFileThatWasOpenedToOthersAfterTheLogin) {
  const TokenIssuer issuer("https://issuer.example");
  WriteToken(issuer.Sign(issuer.Claims()));
  ASSERT_EQ(Run({"--token-file", File("token"), "--offline"}).exit_code, 0);
  EXPECT_EQ(home_.Run({"login", "--status"}).exit_code, 0);
  SetMode(File("token"), 0666);
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"login", "--status"}, {"targets", "list"}}) {
    const Outcome outcome = home_.Run(command);
    EXPECT_EQ(outcome.exit_code, 5) << command[0];
    EXPECT_THAT(outcome.err, HasSubstr("FILE_MODE: "));
  }
}

TEST_F(LoginRefusalTest, ConfigurationInAnotherPlace) {
  Write("settings", "");
  ExpectRefused(Login("ci", {"--offline", "--config", File("settings")}), 2,
                "CONFIG_NOT_STORED");
}

TEST_F(LoginRefusalTest, StatusWithWhatStores) {
  ExpectRefused(home_.Run({"login", "--status", "--offline"}), 2, "USAGE");
  ExpectRefused(home_.Run({"login", "--status", "--force"}), 2, "USAGE");
  ExpectRefused(home_.Run({"login", "--status"}), 5, "NOT_LOGGED_IN");
}

TEST_F(LoginRefusalTest, NoHome) {
  const std::vector<std::string> all{"--cert", File("ci.pem"), "--key",
                                     File("ci.key"), "--offline"};
  ExpectRefused(Run(all, {{"XDG_CONFIG_HOME", ""}, {"HOME", ""}}), 2,
                "HOME_MISSING");
  ExpectRefused(Run(all, {{"XDG_CONFIG_HOME", "/proc/none"}}), 5,
                "FILE_UNWRITABLE");
}

TEST_F(LoginRefusalTest, FolderThatOthersMayWrite) {
  std::filesystem::create_directory(home_.File("bootseal"));
  std::filesystem::permissions(home_.File("bootseal"),
                               std::filesystem::perms::all);
  ExpectRefused(Login("ci", {"--offline"}), 5, "FOLDER_UNSAFE");
}

// No byte can be written to any file: as on a full disk.
TEST_F(LoginRefusalTest, FullDisk) {
  std::vector<std::string> all{"bash", "-c", "ulimit -f 0; exec \"$@\"", "-",
                               BOOTSEAL_PROGRAM};
  for (const std::string& argument : LoginArguments(
           target_,
           {"--cert", File("ci.pem"), "--key", File("ci.key"), "--offline"})) {
    all.push_back(argument);
  }
  ExpectRefused(tests::Run(all, {{"XDG_CONFIG_HOME", home_.File("")}}), 5,
                "FILE_UNWRITABLE");
  EXPECT_EQ(home_.Stored("key.pem"), "");
}

TEST_F(LoginRefusalTest, IdentityOfAnotherUnlessForced) {
  ASSERT_EQ(Login("ci", {"--offline"}).exit_code, 0);
  const std::string before = home_.Stored("key.pem");
  const Outcome login = Login("developer", {"--offline"});
  EXPECT_EQ(login.exit_code, 5);
  EXPECT_THAT(login.err, HasSubstr("IDENTITY_PRESENT: "));
  EXPECT_TRUE(std::filesystem::exists(before));
  const Outcome forced = Login("developer", {"--offline", "--force"});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_THAT(forced.out, HasSubstr("replaced"));
  EXPECT_FALSE(std::filesystem::exists(before));
}

TEST_F(LoginRefusalTest, CommandAfterTheCertificateExpired) {
  ASSERT_EQ(Login("ci", {"--offline"}).exit_code, 0);
  AddCertificate("expired", Expired({}));
  std::filesystem::copy_file(File("expired.pem"),
                             home_.Stored("certificate.pem"),
                             std::filesystem::copy_options::overwrite_existing);
  const Outcome list = home_.Run({"targets", "list"});
  EXPECT_EQ(list.exit_code, 5);
  EXPECT_THAT(list.err, HasSubstr("CERTIFICATE_EXPIRED: "));
  const Outcome status = home_.Run({"login", "--status", "--json"});
  EXPECT_EQ(status.exit_code, 5);
  EXPECT_THAT(status.out, HasSubstr("\"state\":\"expired\""));
  EXPECT_THAT(status.err, HasSubstr("CERTIFICATE_EXPIRED"));
}

// As of a CA that is not the server's, of which later commands know as well.
TEST_F(LoginRefusalTest, IssuerThatEndsBeforeTheCertificateIsNamed) {
  CertificateRequest request = ForSpiffe("spiffe://test/ci");
  request.not_after = absl::Now() + absl::Hours(800 * 24);
  WriteCredential(folder_, "long", other_ca_.Issue(request));
  const Outcome login =
      Login("long", {"--offline", "--client-ca", File("ca2.pem")});
  ASSERT_EQ(login.exit_code, 0) << login.err;
  const Outcome status = home_.Run({"login", "--status"});
  EXPECT_EQ(status.exit_code, 0) << status.err;
  for (const std::string& out : {login.out, status.out}) {
    EXPECT_THAT(out, HasSubstr("in 2 days"));
    EXPECT_THAT(out, HasSubstr("its issuer CN=second"));
    EXPECT_THAT(out, Not(HasSubstr("in 799 days")));
  }
  const Outcome again = home_.Run({"login", "--offline"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("its issuer CN=second"));
}

TEST_F(LoginRefusalTest, StatusOfAKeyThatIsGoneOrAnothers) {
  ASSERT_EQ(Login("ci", {"--offline"}).exit_code, 0);
  const std::string key = home_.Stored("key.pem");
  std::filesystem::copy_file(File("developer.key"), key,
                             std::filesystem::copy_options::overwrite_existing);
  const Outcome another = home_.Run({"login", "--status"});
  EXPECT_EQ(another.exit_code, 5);
  EXPECT_THAT(another.err, HasSubstr("KEY_MISMATCH: "));
  EXPECT_THAT(another.err, HasSubstr("fix: give --cert and --key"));
  std::filesystem::remove(key);
  const Outcome gone = home_.Run({"login", "--status"});
  EXPECT_EQ(gone.exit_code, 5);
  EXPECT_THAT(gone.err, HasSubstr("FILE_NOT_FOUND: "));
  EXPECT_THAT(gone.err, HasSubstr("fix: bootseal login"));
}

TEST_F(LoginRefusalTest, StatusOfFoldersThatWereOpenedToOthers) {
  ASSERT_EQ(Login("ci", {"--offline"}).exit_code, 0);
  const std::string folder =
      std::filesystem::path(home_.Stored("key.pem")).parent_path();
  for (const std::string& place :
       {folder, home_.File("bootseal/identity"), home_.File("bootseal")}) {
    SetMode(place, 0777);
    const Outcome status = home_.Run({"login", "--status"});
    EXPECT_EQ(status.exit_code, 5) << place;
    EXPECT_THAT(status.err, HasSubstr("FOLDER_UNSAFE: " + place));
    EXPECT_THAT(status.err, HasSubstr("chmod 700 -- " + place));
    SetMode(place, 0700);
  }
  EXPECT_EQ(home_.Run({"login", "--status"}).exit_code, 0);
}

// Nothing is stored: whoever could read it may have a copy.
TEST_F(LoginRefusalTest, KeyFileThatOthersMayUse) {
  for (const unsigned mode : {0644U, 0604U, 0660U, 0666U}) {
    SetMode(File("ci.key"), mode);
    for (const char* more : {"--offline", "--force"}) {
      const Outcome login = Login("ci", {more});
      ExpectRefused(login, 5, "FILE_MODE");
      EXPECT_THAT(login.err, HasSubstr("fix: chmod 600 -- " + File("ci.key")));
    }
  }
}

TEST_F(LoginRefusalTest, StatusOfAKeyThatWasOpenedToOthers) {
  ASSERT_EQ(Login("ci", {"--offline"}).exit_code, 0);
  const std::string key = home_.Stored("key.pem");
  SetMode(key, 0644);
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"login", "--status"}, {"targets", "list"}}) {
    const Outcome outcome = home_.Run(command);
    EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("FILE_MODE: key: " + key));
    EXPECT_THAT(outcome.err, HasSubstr("fix: chmod 600 -- " + key));
  }
  SetMode(key, 0600);
  EXPECT_EQ(home_.Run({"login", "--status"}).exit_code, 0);
}

}  // namespace
}  // namespace bootseal::tests
