// Targets and keys as their files: whole, named when they do not serve, and
// for machines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "hsm/algorithm.h"
#include "tests/client/cli/online_fixture.h"

namespace bootseal::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Target "app" has a key that the token lacks; target "good" has another.
class NotServingTest : public OnlineTest {
 protected:
  NotServingTest() {
    server_.policy().mutable_keys(0)->set_uri("pkcs11:object=nowhere");
    server_.AddKey("other", hsm::Algorithm::kP256);
    server_.AddTarget("good", "other");
    server_.Start();
  }

  static void ExpectNamed(const Outcome& outcome) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith("bootseal: KEY_NOT_SERVING: "));
    EXPECT_THAT(outcome.err,
                HasSubstr("key \"app\" of target \"app\" does not serve"));
    EXPECT_THAT(outcome.err, HasSubstr("KEY_MISSING"));
  }
};

TEST_F(NotServingTest, IsListedWithItsState) {
  const Outcome text = Bootseal("ci", {"targets", "list"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, testing::ContainsRegex("app .* p256 .*not serving\n"));
  EXPECT_THAT(text.out, testing::ContainsRegex("good .* p256 .* serving\n"));
  EXPECT_THAT(text.err, HasSubstr("KEY_MISSING"));
  const Outcome json = Bootseal("ci", {"--json", "targets", "list"});
  EXPECT_THAT(json.out, HasSubstr("\"serving\":false,\"not_serving_reason\":\""
                                  "key \\\"app\\\" of target"));
  EXPECT_THAT(json.out,
              HasSubstr("\"serving\":true,\"not_serving_reason\":\"\""));
  EXPECT_EQ(json.err, "");
}

TEST_F(NotServingTest, IsNotExported) {
  for (const char* format : {"textproto", "c++", "fwu"}) {
    ExpectNamed(Bootseal("ci", {"targets", "export", "app", "--format", format,
                                "-o", File("profile")}));
  }
  EXPECT_THAT(Files(), ElementsAre("app.bin"));
  EXPECT_EQ(Bootseal("ci", {"targets", "export", "good"}).exit_code, 0);
}

TEST_F(NotServingTest, JudgesNoImage) {
  for (const char* command : {"verify", "explain"}) {
    ExpectNamed(Bootseal("ci", {command, "--target", "app", File("app.bin")}));
  }
}

TEST_F(NotServingTest, SignsNothingForImgtoolEither) {
  ExpectNamed(
      Bootseal("ci", {"imgtool", "sign", "-k", "bootseal:app", "-v", "1.0.0",
                      "--pad-header", File("app.bin"), File("out.bin")}));
  EXPECT_THAT(Files(), ElementsAre("app.bin"));
}

using TargetsTest = OnlineTest;

TEST_F(TargetsTest, AreShownToThoseWhoMayAskForThem) {
  server_.Start();
  const Outcome verdict =
      Bootseal("auditor", {"verify", "--target", "app", File("app.bin")});
  EXPECT_EQ(verdict.exit_code, 1);
  EXPECT_EQ(verdict.out, "");
  EXPECT_THAT(verdict.err, HasSubstr("only to those who may ask for them"));
  EXPECT_THAT(verdict.err, HasSubstr("--profile"));
  const Outcome list = Bootseal("auditor", {"targets", "list"});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.err, HasSubstr("only to those who may ask for them"));
}

TEST_F(TargetsTest, AreExportedForMachinesToo) {
  server_.Start();
  const Outcome shown = Bootseal("ci", {"--json", "targets", "export", "app"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, StartsWith("{\"target\":\"app\",\"format\":"
                                    "\"textproto\",\"content\":\"target {"));
  const Outcome written = Bootseal(
      "ci", {"--json", "targets", "export", "app", "-o", File("profile")});
  EXPECT_EQ(written.out,
            "{\"target\":\"app\",\"format\":\"textproto\","
            "\"output\":\"" +
                File("profile") + "\"}\n");
  EXPECT_THAT(Read("profile"), StartsWith("target {"));
}

TEST_F(TargetsTest, KeysAreShownForMachinesInEveryForm) {
  server_.Start();
  const auto show = [this](const char* format) {
    return Bootseal("auditor",
                    {"--json", "keys", "show", "app", "--format", format})
        .out;
  };
  EXPECT_THAT(show("pem"), StartsWith("{\"name\":\"app\",\"format\":\"pem\","
                                      "\"content\":\"-----BEGIN PUBLIC KEY"));
  const std::string der =
      Bootseal("auditor", {"keys", "show", "app", "--format", "der"}).out;
  EXPECT_THAT(show("der"),
              HasSubstr("\"content\":\"" + absl::BytesToHexString(der) + "\""));
  EXPECT_THAT(show("c"), HasSubstr("ecdsa_pub_key_len"));
  EXPECT_THAT(show("hash"), Not(HasSubstr("BEGIN")));
  const Outcome written =
      Bootseal("auditor", {"--json", "keys", "show", "app", "--format", "der",
                           "-o", File("key.der")});
  EXPECT_THAT(written.out, HasSubstr("\"output\":\"" + File("key.der")));
  EXPECT_EQ(Read("key.der"), der);
}

TEST_F(TargetsTest, ThePolicyIsExplainedWithoutASize) {
  server_.Start();
  const auto explain = [this](const char* target, const char* size) {
    std::vector<std::string> question{"policy", "explain",   "--target",
                                      target,   "--version", "1.2.3"};
    if (*size) question.insert(question.end(), {"--size", size});
    return Bootseal("ci", question);
  };
  for (const char* target : {"app", "room"}) {
    EXPECT_EQ(explain(target, "").exit_code, 0) << explain(target, "").out;
  }
  EXPECT_THAT(explain("room", "1024").out, HasSubstr("target.slot_size"));
  EXPECT_EQ(explain("room", "1025").exit_code, 0);
  for (const char* size : {"0", "-1", "010", "one"}) {
    EXPECT_EQ(explain("room", size).exit_code, 2) << size;
  }
}

}  // namespace
}  // namespace bootseal::tests
