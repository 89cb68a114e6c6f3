// From a payload to an image that boots, through the programs that users type.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

class Sign : public testing::TestWithParam<std::string> {};

TEST_P(Sign, MakesAnImageThatTheVerifierCallsBootable) {
  Installation installation({BoardTarget(GetParam())});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = installation.Write("app.bin", Payload(5000));
  const Outcome sign = installation.Client(
      {"sign", "--target", GetParam(), "--version", "1.2.3+4", "-o",
       installation.File("app.img"), "--receipt",
       installation.File("app.receipt"), payload});
  ASSERT_EQ(sign.exit_code, 0) << sign.err << installation.ServerLog();
  ASSERT_EQ(installation
                .Client({"targets", "export", GetParam(), "-o",
                         installation.File("profile")})
                .exit_code,
            0);
  const Outcome verify = installation.Client(
      {"verify", "--profile", installation.File("profile"), "--receipt",
       installation.File("app.receipt"), installation.File("app.img")});
  EXPECT_EQ(verify.exit_code, 0) << verify.err;
}

TEST_P(Sign, TamperedImageIsNotBootable) {
  Installation installation({BoardTarget(GetParam())});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = installation.Write("app.bin", Payload(5000));
  ASSERT_EQ(installation
                .Client({"sign", "--target", GetParam(), "--version", "1.2.3",
                         "-o", installation.File("app.img"), payload})
                .exit_code,
            0);
  std::string image = installation.Read("app.img");
  image[0x400 + 4000] ^= 1;
  installation.Write("app.img", image);
  const Outcome verify = installation.Client(
      {"verify", "--target", GetParam(), installation.File("app.img")});
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_THAT(verify.out + verify.err, HasSubstr("digest"));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, Sign,
                         testing::Values("rsa2048", "rsa3072", "p256", "p384",
                                         "ed25519"),
                         [](const auto& each) { return each.param; });

// Nothing but target and version is named; the policy knows the rest.
TEST(TfmSecureImage, IsSignedRightlyWithoutNamingItsOptions) {
  Installation installation({TfmSecureTarget()});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string target = TfmSecureTarget().name;
  const std::string payload = installation.Write("tfm_s.bin", Payload(9001));
  const Outcome sign =
      installation.Client({"sign", "--target", target, "--version", "1.3.0",
                           "-o", installation.File("tfm_s.img"), payload});
  ASSERT_EQ(sign.exit_code, 0) << sign.err << installation.ServerLog();
  EXPECT_EQ(installation.Read("tfm_s.img").size(), 0x2d000U);
  const Outcome explain = installation.Client(
      {"explain", "--target", target, installation.File("tfm_s.img")});
  EXPECT_EQ(explain.exit_code, 0) << explain.out;
  const Outcome inspect =
      installation.Client({"inspect", installation.File("tfm_s.img")});
  EXPECT_THAT(inspect.out, HasSubstr("BOOT_RECORD"));
  EXPECT_THAT(inspect.out, HasSubstr("DEPENDENCY"));
  EXPECT_THAT(inspect.out, HasSubstr("SEC_CNT"));
}

TEST(Retry, WithTheSameIdGivesTheSameSignatureAgain) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = installation.Write("app.bin", Payload(3000));
  for (const char* out : {"first.img", "second.img"}) {
    ASSERT_EQ(installation
                  .Client({"sign", "--target", "p256", "--version", "1.0.0",
                           "--request-id", "build-17", "-o",
                           installation.File(out), payload})
                  .exit_code,
              0);
  }
  EXPECT_EQ(installation.Read("first.img"), installation.Read("second.img"));
}

TEST(Retry, WithTheSameIdAndOtherContentIsRefused) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const auto sign = [&](std::size_t size, const char* out) {
    return installation.Client({"sign", "--target", "p256", "--version",
                                "1.0.0", "--request-id", "build-17", "-o",
                                installation.File(out),
                                installation.Write("app.bin", Payload(size))});
  };
  ASSERT_EQ(sign(3000, "first.img").exit_code, 0);
  EXPECT_EQ(sign(3001, "second.img").exit_code, 1);
  EXPECT_FALSE(installation.Exists("second.img"));
}

TEST(Restart, KeepsLogAndRecordedReleases) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::vector<std::string> sign{
      "sign",
      "--target",
      "p256",
      "--version",
      "1.0.0",
      "--request-id",
      "id-1",
      "-o",
      installation.File("app.img"),
      installation.Write("app.bin", Payload(3000))};
  ASSERT_EQ(installation.Client(sign).exit_code, 0);
  const std::string first = installation.Read("app.img");
  installation.server().Signal(SIGKILL);
  installation.server().Wait(std::chrono::seconds(10));
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const Outcome again = installation.Client(sign);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(installation.Read("app.img"), first);
}

TEST(Audit, AuditorReadsAndProvesTheLog) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  ASSERT_EQ(installation
                .Client({"sign", "--target", "p256", "--version", "1.0.0", "-o",
                         installation.File("app.img"),
                         installation.Write("app.bin", Payload(3000))})
                .exit_code,
            0);
  const Outcome list = installation.Client({"audit", "list"}, "auditor");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("p256"));
  const Outcome verify = installation.Client({"audit", "verify"}, "auditor");
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

TEST(Audit, RefusalsAreEntriesToo) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  ASSERT_EQ(installation
                .Client({"sign", "--target", "p256", "--version", "1.0.0", "-o",
                         installation.File("app.img"),
                         installation.Write("app.bin", Payload(3000))},
                        "developer")
                .exit_code,
            1);
  const Outcome list = installation.Client({"audit", "list"}, "auditor");
  EXPECT_THAT(list.out, HasSubstr("refused"));
  EXPECT_THAT(list.out, HasSubstr("developer"));
}

TEST(Audit, IsClosedToThoseWithoutThePermission) {
  Installation installation({BoardTarget("p256")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  EXPECT_EQ(installation.Client({"audit", "list"}, "ci").exit_code, 1);
}

}  // namespace
}  // namespace bootseal::tests
