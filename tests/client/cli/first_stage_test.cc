// bootseal sign for the first stage of an STM32MP, against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/cli/package_fixture.h"

namespace bootseal::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(PackageCommand, FirstStageIsMadeForAClosedChip) {
  Export("stage", "profile");
  const Outcome made =
      SignStage("stage",
                {"--otp", File("otp"), "--profile", File("profile"),
                 "--receipt", File("receipt")},
                "2");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  PublicKey("root");
  const Outcome words =
      Bootseal("ci", {"stm32", "otp", "--chip", "stm32mp15", File("root.pem")});
  ASSERT_EQ(words.exit_code, 0) << words.err;
  EXPECT_EQ(Read("otp"), words.out);
  EXPECT_THAT(made.out, HasSubstr(words.out));
  const auto rom = [&](const std::string& version) {
    return Bootseal("ci", {"stm32", "rom-check", "--chip", "stm32mp15", "--key",
                           File("root.pem"), "--image-version", version,
                           File("bl2.stm32")});
  };
  EXPECT_EQ(rom("2").exit_code, 0) << rom("2").out;
  EXPECT_EQ(rom("3").exit_code, 1);
  EXPECT_EQ(Read("bl2.stm32").substr(0x100), stage_);
}

TEST_F(PackageCommand, ShowsNothingToBeFusedOnTheServersWordAlone) {
  const Outcome made = SignStage("stage");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, Not(HasSubstr("to be fused")));
  EXPECT_THAT(made.out, Not(HasSubstr("word ")));
}

TEST_F(PackageCommand, FirstStageIsProvenAndExplainedOffline) {
  Export("stage", "profile");
  ASSERT_EQ(SignStage("stage", {"--receipt", File("receipt")}).exit_code, 0);
  const Outcome good =
      Verify("profile", "bl2.stm32", {"--receipt", File("receipt")});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("image version 1, in the log"));
  const Outcome explained = Verify("profile", "bl2.stm32", {}, "explain");
  EXPECT_EQ(explained.exit_code, 0) << explained.out;
  EXPECT_THAT(explained.out, HasSubstr("STM32_SIGNATURE"));
  const Outcome old = Verify("profile", "bl2.stm32",
                             {"--device-security-counter", "2"}, "explain");
  EXPECT_EQ(old.exit_code, 1);
  EXPECT_THAT(old.out, HasSubstr("image version 1; expected 2 or more"));
  std::string bad = Read("bl2.stm32");
  bad.back() = static_cast<char>(bad.back() ^ 1);
  Write("bad.stm32", bad);
  EXPECT_THAT(Verify("profile", "bad.stm32").out, HasSubstr("STM32_CHECKSUM"));
  bad = Read("bl2.stm32");
  bad[0x50] = static_cast<char>(bad[0x50] ^ 1);  // entry point: signed
  Write("bad.stm32", bad);
  EXPECT_THAT(Verify("profile", "bad.stm32").out, HasSubstr("STM32_SIGNATURE"));
  Write("bad.stm32", Read("bl2.stm32") + "x");
  // The chip would start it: what the target is counts as well.
  EXPECT_EQ(
      Verify("profile", "bad.stm32", {"--primary", File("profile")}, "explain")
          .exit_code,
      2);
  const Outcome longer = Verify("profile", "bad.stm32", {}, "explain");
  EXPECT_EQ(longer.exit_code, 1) << longer.out;
  EXPECT_THAT(longer.out, HasSubstr("STM32_TRAILING"));
  EXPECT_THAT(Verify("profile", "bad.stm32").out, HasSubstr("STM32_TRAILING"));
  ASSERT_EQ(SignStage("stage", {}, "2").exit_code, 0);
  EXPECT_THAT(
      Verify("profile", "bl2.stm32", {"--receipt", File("receipt")}).err,
      HasSubstr("RECEIPT_MISMATCH"));
}

TEST_F(PackageCommand, FirstStageThatKillsAChipIsRefusedWithoutAFile) {
  const auto expect = [&](const Outcome& outcome, int exit,
                          const char* reason) {
    EXPECT_EQ(outcome.exit_code, exit) << outcome.out << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_THAT(Files(), Not(Contains("bl2.stm32")));
  };
  expect(SignStage("stage", {}, "0"), 1, "IMAGE_VERSION_ZERO");
  expect(SignStage("stage", {}, "33"), 1, "SECURITY_COUNTER_TOO_HIGH");
  expect(SignStage("stage", {"--compress"}), 2, "NOT_OF_TARGET");
  expect(SignStage("app", {"--otp", File("otp")}), 2, "NOT_OF_TARGET");
  expect(SignStage("stage", {"--otp", File("bl2.stm32")}), 2, "OUTPUT_IS_OTP");
  expect(SignStage("stage", {"--otp", File("otp")}), 2, "OTP_NEEDS_PROFILE");
  Export("stage", "kept");
  expect(SignStage("stage", {"--profile", File("kept"), "--otp", File("kept")}),
         2, "OUTPUT_IS_INPUT");
  expect(SignStage("stage", {"--profile", File("kept"), "--otp", File("")}), 5,
         "FILE_UNWRITABLE");
  Export("app", "other");
  expect(SignStage("stage", {"--profile", File("other")}), 1,
         "PROFILE_MISMATCH");
  expect(SignStage("stage", {"--valid-from", "2026-01-01T00:00:00Z"}), 2,
         "OPTION_OF_PACKAGE");
  Write("bl2.bin", "STM2" + stage_);
  expect(SignStage("stage"), 1, "ALREADY_A_FIRST_STAGE");
}

TEST_F(PackageCommand, FirstStageWaitsForApprovals) {
  const Outcome asked = SignStage("guarded-stage", {"--request-id", "first"});
  EXPECT_EQ(asked.exit_code, 3) << asked.err;
  const Outcome shown = Bootseal("alice", {"approvals", "show", "first"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("STM32 header 1.0, image version 1"));
  const std::string commands =
      shown.out.substr(shown.out.find("as payload.bin:\n") + 16);
  Write("payload.bin", stage_);
  const Outcome computed = tests::Run(
      {"bash", "-euc", absl::StrCat("cd \"$1\"\n", commands), "-", File("")});
  EXPECT_EQ(computed.exit_code, 0) << computed.err;
  EXPECT_THAT(shown.out, HasSubstr(computed.out.substr(0, 64)));
  const auto approve = [&](const std::string& payload) {
    return Bootseal("alice", {"approvals", "approve", "first", "--yes", "--key",
                              File("alice.pem"), "--payload", File(payload)});
  };
  EXPECT_THAT(approve("app.bin").err, HasSubstr("PAYLOAD_MISMATCH"));
  EXPECT_EQ(approve("bl2.bin").exit_code, 0);
  EXPECT_EQ(SignStage("guarded-stage").exit_code, 0);
}

}  // namespace
}  // namespace bootseal::tests
