// Bad input: each with an error that names it, and no file, nor a part of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

// What `bootseal sign` is given, and what it must answer.
struct Case {
  std::string name;
  std::string target = "p256";
  std::string version = "1.0.0";
  std::string payload;
  std::string person = "ci";
  int exit_code = 1;
  std::string says;
};

std::string AlreadySigned() {
  return absl::StrCat(std::string("\x3d\xb8\xf3\x96", 4), Payload(2000));
}

const std::vector<Case>& Cases() {
  static const auto* cases = new std::vector<Case>{
      {.name = "UnknownTarget",
       .target = "p257",
       .payload = Payload(2000),
       .says = "p257"},
      {.name = "WrongRole",
       .payload = Payload(2000),
       .person = "developer",
       .says = "developer"},
      {.name = "VersionThatIsNone",
       .version = "1.x",
       .payload = Payload(2000),
       .exit_code = 2,
       .says = "1.x"},
      {.name = "VersionBeyondItsField",
       .version = "256.0.0",
       .payload = Payload(2000),
       .exit_code = 2,
       .says = "256"},
      {.name = "PayloadLargerThanTheSlot",
       .payload = Payload(0x80000),
       .says = "524288"},
      {.name = "PayloadThatIsAnImage",
       .payload = AlreadySigned(),
       .exit_code = 5,
       .says = "already"},
      {.name = "EmptyPayload", .payload = "", .exit_code = 5, .says = "empty"},
  };
  return *cases;
}

// No output, and nothing that was on its way to become one.
void ExpectNothingWritten(const Installation& installation) {
  for (const auto& entry :
       std::filesystem::directory_iterator(installation.File("out"))) {
    ADD_FAILURE() << "left behind: " << entry.path();
  }
}

class BadInput : public testing::TestWithParam<Case> {};

TEST_P(BadInput, IsRefusedByName) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  std::filesystem::create_directory(installation.File("out"));
  const Case& bad = GetParam();
  const Outcome outcome =
      installation.Client({"sign", "--target", bad.target, "--version",
                           bad.version, "-o", installation.File("out/app.img"),
                           installation.Write("app.bin", bad.payload)},
                          bad.person);
  EXPECT_EQ(outcome.exit_code, bad.exit_code) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(bad.says));
  EXPECT_EQ(outcome.out, "");
  ExpectNothingWritten(installation);
}

INSTANTIATE_TEST_SUITE_P(Sign, BadInput, testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST(Connection, WithoutACertificateIsRefusedWithTheReason) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const Outcome outcome = installation.ClientWith(
      {{"BOOTSEAL_CERT", ""}, {"BOOTSEAL_KEY", ""}}, {"targets", "list"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("certificate"));
}

TEST(Connection, UnderAnotherCaWithTheRightNameIsRefused) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  ASSERT_EQ(tests::Run({absl::StrCat(BOOTSEAL_SOURCE_DIR, "/deploy/pki/create"),
                        installation.File("other")})
                .exit_code,
            0);
  const Outcome outcome = installation.ClientWith(
      {{"BOOTSEAL_CERT", installation.File("other/ci.pem")},
       {"BOOTSEAL_KEY", installation.File("other/ci.key")}},
      {"targets", "list"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "");
}

TEST(Connection, ToNobodyExitsWith4) {
  const Installation installation({BoardTarget("p256")});
  const Outcome outcome = installation.ClientWith(
      {{"BOOTSEAL_SERVER", "127.0.0.1:1"}}, {"targets", "list"});
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
}

TEST(Server, DoesNotStartWithAWrongPinAndTriesItOnce) {
  Installation installation({BoardTarget("p256")});
  installation.Write("pin", "00000000\n");
  // So that no service manager starts it again and spends another try.
  EXPECT_EQ(installation.StartServer(), 6);
  EXPECT_THAT(installation.ServerLog(), HasSubstr("PIN"));
}

TEST(Server, DoesNotStartWithoutItsToken) {
  Installation installation({BoardTarget("p256")});
  std::filesystem::remove_all(installation.File("objects"));
  std::filesystem::create_directory(installation.File("objects"));
  EXPECT_EQ(installation.StartServer(), 1);
  EXPECT_THAT(installation.ServerLog(), HasSubstr("token"));
}

TEST(Server, NamesEveryProblemOfAPolicy) {
  Installation installation({BoardTarget("p256")});
  installation.Write(
      "policy.textproto",
      absl::StrReplaceAll(installation.Read("policy.textproto"),
                          {{"header_size: 0x400", "header_size: 7"},
                           {"requesters: \"ci\"", "requesters: \"cy\""}}));
  EXPECT_EQ(installation.StartServer(), 1);
  EXPECT_THAT(installation.ServerLog(), HasSubstr("header_size"));
  EXPECT_THAT(installation.ServerLog(), HasSubstr("cy"));
}

TEST(Server, RefusesASecondOneOnItsLog) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const Outcome second =
      tests::Run({absl::StrCat(BOOTSEAL_BIN_DIR, "/bootseald"), "--config",
                  installation.File("server.textproto")},
                 {{"SOFTHSM2_CONF", installation.File("softhsm2.conf")}});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("audit.sqlite"));
}

TEST(LogKey, OfAnotherLogMakesTheClientRefuseTheReceipt) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  std::filesystem::create_directory(installation.File("out"));
  const Outcome outcome = installation.ClientWith(
      {{"BOOTSEAL_LOG_KEY",
        "fwsign.example/"
        "audit+fd33bb95+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"}},
      {"sign", "--target", "p256", "--version", "1.0.0", "-o",
       installation.File("out/app.img"),
       installation.Write("app.bin", Payload(2000))});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  ExpectNothingWritten(installation);
}

}  // namespace
}  // namespace bootseal::tests
