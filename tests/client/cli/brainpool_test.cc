// The commands for packages and first stages with keys on brainpoolP256t1, and
// what they say of keys on its neighbours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "tests/client/cli/package_fixture.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

class BrainpoolCommand : public PackageCommand {
 protected:
  BrainpoolCommand() : PackageCommand(hsm::Algorithm::kBrainpoolP256t1) {}

  // A public key on what OpenSSL calls `curve`, as `name`.
  void KeyOn(const std::string& curve, const std::string& name) {
    Make({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
          "ec_paramgen_curve:" + curve, "-out", File("private.pem")});
    Make({"openssl", "pkey", "-in", File("private.pem"), "-pubout", "-out",
          File(name)});
  }

  Outcome CheckFip(const std::string& key) {
    return Bootseal("ci", {"fip", "check", "--root-key", File(key), "--counter",
                           "1", File("board.fip")});
  }
  Outcome RomCheck(const std::string& key) {
    return Bootseal("ci", {"stm32", "rom-check", "--chip", "stm32mp15", "--key",
                           File(key), File("bl2.stm32")});
  }
};

TEST_F(BrainpoolCommand, PackageIsSignedCheckedAndProvenOffline) {
  Export("board", "profile");
  const Outcome made = SignPackage("board", {"--receipt", File("receipt")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  PublicKey("root");
  EXPECT_EQ(CheckFip("root.pem").exit_code, 0) << CheckFip("root.pem").out;
  const Outcome verified =
      Verify("profile", "board.fip", {"--receipt", File("receipt")});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_EQ(Verify("profile", "board.fip", {}, "explain").exit_code, 0);
  PublicKey("tee");
  const Outcome other = CheckFip("tee.pem");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.out, HasSubstr("ROOT_KEY_UNKNOWN"));
}

TEST_F(BrainpoolCommand, PackageIsCheckedAgainstTheFusedHashAlone) {
  ASSERT_EQ(SignPackage("board").exit_code, 0);
  PublicKey("root");
  const Outcome made = Bootseal("ci", {"stm32", "otp", "--chip", "stm32mp15",
                                       "-o", File("hash"), File("root.pem")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string hash = absl::BytesToHexString(Read("hash"));
  const Outcome good = Bootseal("ci", {"fip", "check", "--key-hash", hash,
                                       "--counter", "1", File("board.fip")});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
}

TEST_F(BrainpoolCommand, FirstStageIsSignedCheckedAndShown) {
  Export("stage", "profile");
  const Outcome made =
      SignStage("stage", {"--otp", File("otp"), "--profile", File("profile")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  PublicKey("root");
  const Outcome rom = RomCheck("root.pem");
  EXPECT_EQ(rom.exit_code, 0) << rom.out;
  EXPECT_THAT(rom.out, HasSubstr("authentication passed"));
  const Outcome words =
      Bootseal("ci", {"stm32", "otp", "--chip", "stm32mp15", File("root.pem")});
  EXPECT_EQ(Read("otp"), words.out);
  EXPECT_THAT(Bootseal("ci", {"stm32", "show", File("bl2.stm32")}).out,
              HasSubstr("brainpoolP256t1"));
  std::string bad = Read("bl2.stm32");
  bad[4] = static_cast<char>(bad[4] ^ 1);  // of r
  Write("bl2.stm32", bad);
  const Outcome refused = RomCheck("root.pem");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out, HasSubstr("STM32_SIGNATURE"));
}

TEST_F(BrainpoolCommand, KeysAreListedAndShownByTheCurvesName) {
  EXPECT_THAT(Bootseal("auditor", {"keys", "list"}).out,
              HasSubstr("brainpoolP256t1"));
  PublicKey("root");
  const Outcome inspected = Bootseal("ci", {"inspect", File("root.pem")});
  EXPECT_EQ(inspected.exit_code, 0) << inspected.err;
  EXPECT_THAT(inspected.out, HasSubstr("brainpoolP256t1"));
}

TEST_F(BrainpoolCommand, LogIsVerifiedWithItsSignatures) {
  ASSERT_EQ(SignPackage("board").exit_code, 0);
  ASSERT_EQ(SignStage("stage").exit_code, 0);
  const Outcome verified = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(BrainpoolCommand, KeyOnTheRegularCurveIsRefusedWithTheReason) {
  ASSERT_EQ(SignPackage("board").exit_code, 0);
  ASSERT_EQ(SignStage("stage").exit_code, 0);
  KeyOn("brainpoolP256r1", "regular.pem");
  for (const Outcome& outcome :
       {CheckFip("regular.pem"), RomCheck("regular.pem"),
        Bootseal("ci", {"stm32", "otp", "--chip", "stm32mp15",
                        File("regular.pem")})}) {
    EXPECT_NE(outcome.exit_code, 0);
    EXPECT_THAT(outcome.err,
                HasSubstr("brainpoolP256r1, the regular curve: STM32MP takes "
                          "the twisted one, brainpoolP256t1"));
  }
}

// As long as P-256, and once taken for it.
TEST_F(BrainpoolCommand, KeyOnAnotherCurveOf256BitsIsNotTakenForP256) {
  ASSERT_EQ(SignStage("stage").exit_code, 0);
  KeyOn("secp256k1", "bitcoin.pem");
  const Outcome outcome = RomCheck("bitcoin.pem");
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("a key on secp256k1"));
}

}  // namespace
}  // namespace bootseal::tests
