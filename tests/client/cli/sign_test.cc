// bootseal sign against a real server: what it writes, and what it refuses to
// write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "client/cli/intel_hex.h"
#include "hsm/algorithm.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/approver.h"
#include "tests/support/free_port.h"

namespace bootseal::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using SignTest = OnlineTest;

TEST_F(SignTest, MakesAnImageThatBootsAndIsInTheLog) {
  server_.Start();
  const Outcome signed_image = Sign("ci", {"--receipt", File("receipt")});
  ASSERT_EQ(signed_image.exit_code, 0) << signed_image.err;
  EXPECT_EQ(signed_image.err, "");
  EXPECT_THAT(signed_image.out, HasSubstr("app.signed.bin"));
  EXPECT_THAT(Files(), ElementsAre("app.bin", "app.signed.bin", "receipt"));
  Export("app", "profile");
  // Offline: the server is gone.
  server_.Stop();
  const Outcome verdict =
      Bootseal("", {"verify", "--profile", File("profile"), "--receipt",
                    File("receipt"), File("app.signed.bin")});
  EXPECT_EQ(verdict.exit_code, 0) << verdict.err;
  EXPECT_THAT(verdict.out, HasSubstr("bootable for target app"));
  EXPECT_THAT(verdict.out, HasSubstr("in the log"));
}

TEST_F(SignTest, KeepsThePayloadAsItWas) {
  server_.Start();
  ASSERT_EQ(Sign("ci").exit_code, 0);
  const std::string image = Read("app.signed.bin");
  EXPECT_EQ(image.substr(0x400, 5000), Payload(5000));
}

TEST_F(SignTest, AnswersMachinesInJson) {
  server_.Start();
  const Outcome outcome =
      Sign("ci", {"--json", "--request-id", "build-17", "-o", File("out.bin")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"target\":\"app\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"request_id\":\"build-17\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"replayed\":false"));
}

TEST_F(SignTest, GetsTheSameReleaseForTheSameRequestId) {
  server_.Start();
  ASSERT_EQ(Sign("ci", {"--request-id", "r1", "-o", File("1")}).exit_code, 0);
  const Outcome again =
      Sign("ci", {"--json", "--request-id", "r1", "-o", File("2")});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("\"replayed\":true"));
  EXPECT_EQ(Read("1"), Read("2"));
}

TEST_F(SignTest, RefusesARequestIdUsedForAnotherPayload) {
  server_.Start();
  ASSERT_EQ(Sign("ci", {"--request-id", "r1", "-o", File("1")}).exit_code, 0);
  Write("app.bin", Payload(5001));
  const Outcome other = Sign("ci", {"--request-id", "r1"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("hint: "));
  EXPECT_THAT(Files(), ElementsAre("1", "app.bin"));
}

TEST_F(SignTest, ReadsAndWritesIntelHex) {
  server_.Start();
  const auto hex = cli::WriteIntelHex({{0x10080400, Payload(5000)}});
  ASSERT_TRUE(hex.ok());
  Write("app.hex", *hex);
  const Outcome outcome = Bootseal(
      "ci", {"sign", "--target", "app", "--version", "1", File("app.hex")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto content = cli::ReadIntelHex(Read("app.signed.hex"));
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->address, 0x10080000U);
  Export("app", "profile");
  const Outcome verdict = Bootseal(
      "", {"verify", "--profile", File("profile"), File("app.signed.hex")});
  EXPECT_EQ(verdict.exit_code, 0) << verdict.out;
}

TEST_F(SignTest, UsesTheHeaderRoomOfThePayload) {
  server_.Start();
  Write("app.bin", std::string(0x400, '\0') + Payload(100));
  const Outcome outcome = Bootseal(
      "ci", {"sign", "--target", "room", "--version", "1", File("app.bin")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(Read("app.signed.bin").substr(0x400, 100), Payload(100));
}

// What the server decides: each is named, and no file appears.
struct Refusal {
  const char* name;
  const char* caller;
  const char* target;
  std::size_t payload_bytes;
  int exit_code;
  const char* message;
};

class SignRefusalTest : public OnlineTest,
                        public testing::WithParamInterface<Refusal> {};

TEST_P(SignRefusalTest, IsNamedAndWritesNothing) {
  const Refusal& refusal = GetParam();
  tests::NeedApprovalOf("auditor", server_.policy(),
                        server_.AddTarget("guarded", "app"));
  server_.Start();
  Write("app.bin", Payload(refusal.payload_bytes));
  const Outcome outcome =
      Bootseal(refusal.caller, {"sign", "--target", refusal.target, "--version",
                                "1.2.3", File("app.bin")});
  EXPECT_EQ(outcome.exit_code, refusal.exit_code) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(refusal.message));
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(Files(), ElementsAre("app.bin"));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SignRefusalTest,
    testing::Values(
        Refusal{"UnknownTarget", "ci", "nothing", 100, 1, "\"nothing\""},
        Refusal{"WrongRole", "developer", "app", 100, 1, "developer"},
        Refusal{"NoCertificate", "", "app", 100, 1, "certificate"},
        Refusal{"UnknownIdentity", "stranger", "app", 100, 1, "stranger"},
        Refusal{"ExpiredCertificate", "expired", "app", 100, 5, "expired on"},
        Refusal{"CertificateOfAnotherCa", "impostor", "app", 100, 4,
                "another CA"},
        Refusal{"LargerThanTheSlot", "ci", "app", 300 << 10, 1, "slot"},
        Refusal{"HeaderRoomNotPadded", "ci", "room", 5000, 1, "header"},
        Refusal{"ApprovalsMissing", "ci", "guarded", 100, 3, "approv"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(SignTest, FindsAnExpiredCertificateWithoutAServer) {
  const Outcome outcome =
      Sign("expired", {}, {{"BOOTSEAL_SERVER", "127.0.0.1:1"}});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("no connection was made"));
}

TEST_F(SignTest, RefusesAKeyOfAnotherCertificate) {
  const Outcome outcome = Sign("ci", {"--key", server_.key_path("auditor")},
                               {{"BOOTSEAL_SERVER", "127.0.0.1:1"}});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("is not the key of certificate"));
}

TEST_F(SignTest, RefusesACertificateWithoutItsKey) {
  const Outcome outcome = Sign(
      "ci", {}, {{"BOOTSEAL_KEY", ""}, {"BOOTSEAL_SERVER", "127.0.0.1:1"}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("BOOTSEAL_KEY"));
}

TEST_F(SignTest, SaysThatNobodyListens) {
  const Outcome outcome =
      Sign("ci", {"--timeout", "1"}, {{"BOOTSEAL_SERVER", "127.0.0.1:1"}});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("cannot connect to 127.0.0.1:1"));
  EXPECT_THAT(Files(), ElementsAre("app.bin"));
}

TEST_F(SignTest, SaysThatTheServerIsOfAnotherCa) {
  server_.Start();
  Write("other-ca.pem", server_.other_ca_pem());
  const Outcome outcome = Sign("ci", {"--ca", File("other-ca.pem")});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("is not from our CA"));
}

TEST_F(SignTest, SaysThatTheServerHasAnotherName) {
  server_.Start();
  const std::string address = server_.address();
  const Outcome outcome = Sign(
      "ci", {"--server", "localhost" + address.substr(address.rfind(':'))});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("is not for the name localhost"));
}

TEST_F(SignTest, RefusesAReceiptOfAnotherLog) {
  server_.Start();
  // A good key of the same origin: that of another token.
  const ServerFixture other;
  const Outcome outcome =
      Sign("ci", {"--receipt", File("receipt"), "--log-key", other.log_key()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("not signed by our log key"));
  EXPECT_THAT(Files(), ElementsAre("app.bin"));
}

TEST_F(SignTest, RefusesAnotherKeyThanThatOfOurProfile) {
  server_.AddKey("other", hsm::Algorithm::kP256);
  server_.AddTarget("twin", "other");
  server_.Start();
  Export("twin", "profile");
  std::string profile = Read("profile");
  profile.replace(profile.find("\"twin\""), 6, "\"app\"");
  Write("profile", profile);
  const Outcome outcome = Sign("ci", {"--profile", File("profile")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the key that the server signed with"));
  EXPECT_THAT(Files(), ElementsAre("app.bin", "profile"));
}

TEST_F(SignTest, RefusesTheProfileOfAnotherTarget) {
  server_.Start();
  Export("room", "profile");
  const Outcome outcome = Sign("ci", {"--profile", File("profile")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the target of our profile"));
  EXPECT_THAT(Files(), ElementsAre("app.bin", "profile"));
}

TEST_F(SignTest, RefusesAnImageThatOurProfileWouldNotBoot) {
  server_.Start();
  Export("app", "profile");
  std::string profile = Read("profile");
  const std::string anchor = "strategy: SINGLE_SLOT";
  profile.replace(profile.find(anchor), anchor.size(),
                  anchor +
                      " security_counter: REQUIRED "
                      "default_security_counter: 1");
  Write("profile", profile);
  const Outcome outcome = Sign("ci", {"--profile", File("profile")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("by our own profile: not bootable"));
  EXPECT_THAT(Files(), ElementsAre("app.bin", "profile"));
}

// The same key, another and longer tree: what an operator could make.
TEST_F(SignTest, RefusesALogThatWasReplacedByALongerOne) {
  server_.Start();
  ASSERT_EQ(Sign("ci", {"-o", File("before")}).exit_code, 0);
  server_.Stop();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(
        server_.folder().File(std::string("log.sqlite") + suffix));
  }
  server_.Start();
  const TemporaryFolder stranger;
  for (const char* name : {"1", "2", "3"}) {
    ASSERT_EQ(
        Sign("ci", {"-o", File(name)}, {{"BOOTSEAL_STATE", stranger.path()}})
            .exit_code,
        0);
  }
  // Twice: what is kept does not advance to what was refused.
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = Sign("ci", {"--receipt", File("receipt")});
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("does not continue the one seen"));
  }
  EXPECT_THAT(Files(), ElementsAre("1", "2", "3", "app.bin", "before"));
}

TEST_F(SignTest, ProvesThatTheLogOnlyGrewWithoutTheRightToReadIt) {
  server_.Start();
  ASSERT_EQ(Sign("ci", {"-o", File("1")}).exit_code, 0);
  ASSERT_EQ(Sign("auditor", {"-o", File("2")}).exit_code, 1);
  const Outcome outcome = Sign("ci", {"-o", File("3")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(SignTest, TriesAgainUntilTheServerIsBack) {
  const FreePort port;
  server_.config().set_listen(port.address());
  server_.Start();
  server_.Stop();
  Environment environment = server_.ClientEnvironment("ci");
  environment["BOOTSEAL_STATE"] = state_.path();
  Background client({BOOTSEAL_PROGRAM, "sign", "--target", "app", "--version",
                     "1", "--request-id", "retried", File("app.bin")},
                    environment, state_.File("client.log"));
  server_.Start();
  EXPECT_EQ(client.Wait(std::chrono::seconds(20)), 0);
  EXPECT_THAT(Files(), ElementsAre("app.bin", "app.signed.bin"));
}

}  // namespace
}  // namespace bootseal::tests
