// imgtool's command lines with a key in the HSM: the server signs, and nothing
// else changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

TEST_F(Imgtool, TheReportedCommandWithItsRecordMakesABootableImage) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Outcome sign =
      Sign(kReported + Arguments{"--boot-record", "SPE"}, payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(On().Read("a.bin").size(), 0x2d000U);
  EXPECT_EQ(Verify(kTfm, "a.bin").exit_code, 0);
}

TEST_F(Imgtool, TheRecordIsTheTargetsWhenTheCommandLineNamesNone) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  ASSERT_EQ(Sign(kReported, payload, "a.bin").exit_code, 0);
  EXPECT_EQ(Verify(kTfm, "a.bin").exit_code, 0);
  EXPECT_THAT(On().Client({"inspect", On().File("a.bin")}).out,
              HasSubstr("BOOT_RECORD"));
}

TEST_F(Imgtool, EverythingButKeyVersionAndFilesMayBeLeftOut) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Outcome sign = Sign(
      {"-k", absl::StrCat("bootseal:", kTfm), "-v", "1.3.0"}, payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(Verify(kTfm, "a.bin").exit_code, 0);
}

TEST_F(Imgtool, AnotherRecordIsRefusedByNameAndNoFileAppears) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Outcome sign =
      Sign(kReported + Arguments{"--boot-record", "NSPE"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err,
              HasSubstr("target nucleo-l552ze-q/tfm-s requires --boot-record "
                        "SPE, the command line says NSPE"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, TheKeysNameStandsForItsOnlyTarget) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:key/ed25519", "-v", "1.0"}, payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(Verify("ed25519", "a.bin").exit_code, 0);
}

TEST_F(Imgtool, AnUnknownTargetIsAFailureThatNamesTheOthers) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:nothing", "-v", "1.0"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("ed25519"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, SizesAreRequiredWithAKeyInAFile) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", LocalKey("ed25519"), "-v", "1.0"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("-H,--header-size is required"));
}

TEST_F(Imgtool, AMissingInputIsAUsageError) {
  const Outcome sign = Sign({"-k", "bootseal:ed25519", "-v", "1.0"},
                            On().File("nothing.bin"), "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("INPUT_NOT_FOUND"));
}

TEST_F(Imgtool, WithoutALogKeyNothingIsSigned) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign = On().ClientWith(
      {{"BOOTSEAL_LOG_KEY", ""}}, {"imgtool", "sign", "-k", "bootseal:ed25519",
                                   "-v", "1.0", payload, On().File("a.bin")});
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("LOG_KEY_MISSING"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, AReceiptOfAnotherLogIsRefusedAndNoFileAppears) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome key =
      On().TokenTool({"export-public", "--token", "bootseal", "--pin-file",
                      On().File("pin"), "--label", "ed25519", "--format",
                      "vkey", "--origin", "bootseal.example/integration"});
  ASSERT_EQ(key.exit_code, 0) << key.err;
  const Outcome sign =
      On().ClientWith({{"BOOTSEAL_LOG_KEY", On().Write("other.vkey", key.out)}},
                      {"imgtool", "sign", "-k", "bootseal:ed25519", "-v", "1.0",
                       payload, On().File("a.bin")});
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("LOG_KEY_MISMATCH"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, TheSignatureOfSigOutIsTheImages) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign = Sign(
      {"-k", "bootseal:ed25519", "-v", "1.0", "--sig-out", On().File("a.sig")},
      payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  std::string signature;
  ASSERT_TRUE(absl::Base64Unescape(On().Read("a.sig"), &signature));
  ASSERT_EQ(signature.size(), 64U);
  EXPECT_THAT(On().Read("a.bin"), HasSubstr(signature));
}

TEST_F(Imgtool, TheSignatureOfSigOutReplacesNeitherImageNorInput) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  for (const std::string& path : {payload, On().File("./a.bin")}) {
    const Outcome sign =
        Sign({"-k", "bootseal:ed25519", "-v", "1.0", "--sig-out", path},
             payload, "a.bin");
    EXPECT_EQ(sign.exit_code, 2);
    EXPECT_THAT(sign.err, HasSubstr("would replace"));
    EXPECT_FALSE(On().Exists("a.bin"));
  }
}

TEST_F(Imgtool, APayloadMayComeFromAPipe) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign = tests::Run(
      {"bash", "-euc",
       "cat \"$1\" | \"$2\" imgtool sign -k bootseal:ed25519 -v 1.0 "
       "/dev/stdin \"$3\"",
       "-", payload, BOOTSEAL_BIN_DIR "/bootseal", On().File("a.bin")},
      On().ClientEnvironment("ci"));
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_THAT(On().Read("a.bin"), HasSubstr(Payload(3000)));
}

TEST_F(Imgtool, AnImageIsNotSignedAgain) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  ASSERT_EQ(
      Sign({"-k", "bootseal:ed25519", "-v", "1.0"}, payload, "b.bin").exit_code,
      0);
  const Outcome again = Sign({"-k", "bootseal:ed25519", "-v", "1.0"},
                             On().File("b.bin"), "a.bin");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("PAYLOAD_IS_IMAGE"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, AHexOutputWithoutAnAddressIsAUsageError) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:ed25519", "-v", "1.0"}, payload, "a.hex");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("ADDRESS_MISSING"));
}

TEST_F(Imgtool, AHexOutputBeyondTheAddressSpaceIsRefusedBeforeSigning) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:ed25519", "-v", "1.0", "-x", "0xfffffc00"}, payload,
           "a.hex");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("HEX_ADDRESS"));
}

TEST_F(Imgtool, WhoMayNotAskGetsNoFile) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign = On().Client({"imgtool", "sign", "-k", "bootseal:ed25519",
                                    "-v", "1.0", payload, On().File("a.bin")},
                                   "developer");
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_FALSE(On().Exists("a.bin"));
}

}  // namespace
}  // namespace bootseal::tests
