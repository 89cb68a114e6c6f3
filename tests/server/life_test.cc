// How the server starts, reloads and fails.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <string>

#include "absl/strings/escaping.h"
#include "base/file.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "tests/server/generic_call.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

absl::Status SignOnce(const ServerFixture& server,
                      const std::string& target = "app") {
  const std::string payload = TestPayload(5000);
  v1::SignHeader header = HeaderFor(payload);
  // Other requests of this program's servers may share the log.
  header.set_request_id(header.request_id() + "-" + target);
  header.set_target(target);
  return Sign(server.Channel("ci"), header, payload).status();
}

// Of the file as it is, in hexadecimal.
std::string PolicySha256(const ServerFixture& server) {
  const auto text =
      base::ReadFile(server.folder().File("policy.textproto"), 1 << 20);
  EXPECT_OK(text);
  const image::Digest digest =
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(*text));
  return absl::BytesToHexString(image::host::ToString(digest.bytes()));
}

TEST(Start, RefusesAWrongPin) {
  ServerFixture server;
  const std::string pin = server.folder().File("wrong-pin");
  ASSERT_OK(
      base::WriteFileAtomically(pin, "87654321\n", base::FileMode::kPrivate));
  server.config().mutable_hsm()->mutable_pkcs11()->set_pin_path(pin);
  EXPECT_EQ(server.StartAndFail(), 6);
  EXPECT_THAT(server.ServerLog(), HasSubstr("reason=PIN_INCORRECT"));
}

TEST(Start, RefusesAPinThatOthersMayRead) {
  ServerFixture server;
  ASSERT_EQ(chmod(server.token().pin_path().c_str(), 0644), 0);
  EXPECT_EQ(server.StartAndFail(), 5);
  EXPECT_THAT(server.ServerLog(), HasSubstr("FILE_MODE"));
}

TEST(Start, RefusesATlsKeyThatOthersMayRead) {
  ServerFixture server;
  ASSERT_EQ(chmod(server.key_path("server").c_str(), 0640), 0);
  EXPECT_EQ(server.StartAndFail(), 5);
  EXPECT_THAT(server.ServerLog(), HasSubstr("FILE_MODE"));
}

TEST(Start, RefusesTheTlsKeyOfAnotherCertificate) {
  ServerFixture server;
  server.config().mutable_tls()->set_key_path("ci.key");
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_THAT(server.ServerLog(), HasSubstr("TLS_KEY"));
}

TEST(Start, RefusesAMissingToken) {
  ServerFixture server;
  v1::Pkcs11& pkcs11 = *server.config().mutable_hsm()->mutable_pkcs11();
  std::string uri = pkcs11.uri();
  const std::size_t at = uri.find(server.token().label());
  pkcs11.set_uri(uri.replace(at, server.token().label().size(), "elsewhere"));
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_THAT(server.ServerLog(), HasSubstr("TOKEN_MISSING"));
}

TEST(Start, RefusesALogKeyThatTheTokenLacks) {
  ServerFixture server;
  server.policy().mutable_keys(1)->set_uri("pkcs11:object=nowhere");
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_THAT(server.ServerLog(), HasSubstr("KEY_MISSING"));
}

TEST(Start, ListsAllProblemsOfAPolicy) {
  ServerFixture server;
  server.policy().mutable_targets(0)->set_key("unknown-key");
  server.policy().mutable_targets(1)->set_requesters(0, "unknown-role");
  server.policy().mutable_roles(0)->set_members(0, "unknown-person");
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_THAT(server.ServerLog(), HasSubstr("unknown-key"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("unknown-role"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("unknown-person"));
}

TEST(Start, ListsAllProblemsOfTheConfiguration) {
  ServerFixture server;
  server.config().clear_policy_path();
  server.config().mutable_log()->clear_origin();
  server.config().set_listen("nonsense");
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_THAT(server.ServerLog(), HasSubstr("policy_path"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("log.origin"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("listen"));
}

TEST(Start, NamesAMissingPolicyFile) {
  ServerFixture server;
  server.config().set_policy_path("nowhere.textproto");
  EXPECT_EQ(server.StartAndFail(), 5);
  EXPECT_THAT(server.ServerLog(), HasSubstr("FILE_NOT_FOUND"));
}

TEST(Start, RefusesALogThatAnotherServerHas) {
  ServerFixture server;
  server.Start();
  const Outcome second = tests::Run(
      {server.program(), "--config", server.folder().File("server.textproto")},
      server.token().environment());
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("LOG_LOCKED"));
}

TEST(Start, RefusesAPolicyOlderThanTheLogHasSeen) {
  ServerFixture server;
  server.policy().set_version(7);
  server.Start();
  server.Stop();
  server.policy().set_version(6);
  server.WritePolicy();
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_THAT(server.ServerLog(), HasSubstr("POLICY_VERSION_LOWER"));
}

TEST(Start, RefusesAnotherPolicyOfAVersionThatTheLogHasSeen) {
  ServerFixture server;
  server.policy().set_version(7);
  server.Start();
  server.Stop();
  server.AddTarget("second", "app");
  server.WritePolicy();
  EXPECT_EQ(server.StartAndFail(), 1);
  EXPECT_THAT(server.ServerLog(), HasSubstr("POLICY_VERSION_REUSED"));
  server.policy().set_version(8);
  server.Start();
  EXPECT_OK(SignOnce(server, "second"));
}

TEST(Start, TakesTheSamePolicyAgain) {
  ServerFixture server;
  server.policy().set_version(7);
  for (int i = 0; i < 3; ++i) {
    server.Start();
    EXPECT_OK(SignOnce(server));
    server.Stop();
  }
}

TEST(Start, NamesAFileThatIsNoLog) {
  ServerFixture server;
  ASSERT_OK(base::WriteFileAtomically(server.folder().File("log.sqlite"),
                                      std::string(4096, 'x')));
  EXPECT_EQ(server.StartAndFail(), 5);
  EXPECT_THAT(server.ServerLog(), HasSubstr("reason=FILE_NOT_A_LOG"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("log.sqlite"));
  EXPECT_THAT(server.ServerLog(), testing::Not(HasSubstr(".cc:")));
}

TEST(Start, NamesAFolderOfTheLogThatIsNotThere) {
  ServerFixture server;
  server.config().mutable_log()->mutable_sqlite()->set_path("none/log.sqlite");
  EXPECT_EQ(server.StartAndFail(), 5);
  EXPECT_THAT(server.ServerLog(), HasSubstr("reason=FILE_NOT_FOUND"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("none/log.sqlite"));
}

// A port is not taken modulo 65536.
TEST(Start, RefusesAPortThatIsNone) {
  for (const char* listen : {"127.0.0.1:65536", "127.0.0.1:99999",
                             "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:http"}) {
    ServerFixture server;
    server.config().set_listen(listen);
    EXPECT_EQ(server.StartAndFail(), 1) << listen;
    EXPECT_THAT(server.ServerLog(), HasSubstr("reason=CONFIG_INVALID"));
    EXPECT_THAT(server.ServerLog(), HasSubstr("0 to 65535")) << listen;
  }
}

TEST(Start, SaysHowItIsUsed) {
  EXPECT_EQ(tests::Run({ServerFixture::program()}).exit_code, 2);
}

TEST(Reload, BringsANewTargetIntoForce) {
  ServerFixture server;
  server.Start();
  EXPECT_THAT(SignOnce(server, "second"),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_TARGET"));
  server.AddTarget("second", "app");
  server.policy().set_version(2);
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-in-force version=2"));
  EXPECT_OK(SignOnce(server, "second"));
}

TEST(Reload, KeepsTheOldPolicyAndListsAllProblemsOfABadOne) {
  ServerFixture server;
  server.Start();
  server.policy().set_version(2);
  server.policy().mutable_targets(0)->set_key("unknown-key");
  server.policy().mutable_targets(1)->set_requesters(0, "unknown-role");
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-kept version=1"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("unknown-key"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("unknown-role"));
  EXPECT_OK(SignOnce(server));
}

TEST(Reload, RefusesALowerVersion) {
  ServerFixture server;
  server.policy().set_version(5);
  server.Start();
  server.policy().set_version(4);
  server.AddTarget("second", "app");
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-kept version=5"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("POLICY_VERSION_LOWER"));
  EXPECT_THAT(SignOnce(server, "second"),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_TARGET"));
}

TEST(Reload, RefusesAnotherTextOfTheSameVersionAndNamesBoth) {
  ServerFixture server;
  server.policy().set_version(5);
  server.Start();
  const std::string in_force = PolicySha256(server);
  server.AddTarget("second", "app");
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-kept version=5"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("POLICY_VERSION_REUSED"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("version: 5"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("sha256 " + in_force + ";"));
  EXPECT_THAT(server.ServerLog(), HasSubstr(PolicySha256(server) + ";"));
  EXPECT_THAT(SignOnce(server, "second"),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_TARGET"));
}

// What is in force is what the log has last, not what the file once was.
TEST(Reload, RefusesTheTextBeforeTheOneInForce) {
  ServerFixture server;
  server.Start();
  const auto first =
      base::ReadFile(server.folder().File("policy.textproto"), 1 << 20);
  ASSERT_OK(first);
  server.policy().set_version(2);
  server.AddTarget("second", "app");
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-in-force version=2"));
  server.WritePolicyText(*first);
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-kept version=2"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("POLICY_VERSION_LOWER"));
  EXPECT_OK(SignOnce(server, "second"));
}

TEST(Reload, TakesTheSameTextAgain) {
  ServerFixture server;
  server.Start();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-unchanged version=1"));
  EXPECT_OK(SignOnce(server));
}

// Afterwards a lower version is refused as ever.
TEST(Reload, RefusesAVersionAboveWhatTheLogHolds) {
  ServerFixture server;
  server.policy().set_version(5);
  server.Start();
  server.policy().set_version(std::uint64_t{1} << 63);
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-kept version=5"));
  EXPECT_THAT(server.ServerLog(), HasSubstr("at most 9223372036854775807"));
  server.policy().set_version(1);
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("POLICY_VERSION_LOWER"));
}

TEST(Reload, RefusesACallerThatIsDeniedFromNowOn) {
  ServerFixture server;
  server.Start();
  ASSERT_OK(SignOnce(server));
  server.policy().mutable_roles(0)->clear_members();
  server.policy().mutable_roles(0)->add_members("developer");
  server.policy().set_version(2);
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-in-force version=2"));
  EXPECT_THAT(SignOnce(server),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
}

TEST(FullDisk, ReleasesNothingAndTurnsReadinessFalse) {
  ServerFixture server;
  server.Start();
  ASSERT_OK(SignOnce(server));
  ASSERT_EQ(Health(server.Channel("ci")), kServing);
  struct stat wal {};
  ASSERT_EQ(stat(server.folder().File("log.sqlite-wal").c_str(), &wal), 0);
  const rlimit full{static_cast<rlim_t>(wal.st_size),
                    static_cast<rlim_t>(wal.st_size)};
  ASSERT_EQ(prlimit(server.process().pid(), RLIMIT_FSIZE, &full, nullptr), 0);
  EXPECT_EQ(SignOnce(server).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(SignOnce(server),
              StatusIs(absl::StatusCode::kUnavailable, "LOG_STOPPED"));
  EXPECT_EQ(Health(server.Channel("ci"), kNotServing), kNotServing);
  // With room again, a new process goes on with what was promised.
  server.Stop();
  server.Start();
  EXPECT_OK(SignOnce(server));
}

}  // namespace
}  // namespace bootseal::tests
