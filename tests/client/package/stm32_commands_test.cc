#include "absl/strings/escaping.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"
#include "tests/client/package/package_fixture.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::AsBytes;
using image::stm32::Version;
using ::testing::HasSubstr;

class Stm32Commands : public PackageTest {
 protected:
  Outcome Stm32(std::vector<std::string> words) const {
    words.insert(words.begin(), "stm32");
    return Bootseal(words);
  }
  // Signed for an STM32MP15 with the shared P-256 key.
  std::string PutSigned(std::uint32_t image_version) const {
    const SigningKey& key = SharedKey(Algorithm::kP256);
    const auto planned = image::host::PlanStm32Image(
        {Version::kV1, 0x2ffea000, 0x2ffc2500, image_version, 0x10},
        "first stage", {key.public_key(), 0, {}});
    return Put("tf-a.stm32", image::host::SealStm32Image(
                                 *planned, key.Sign(AsBytes(planned->digest)))
                                 .value());
  }
  std::string Key() const {
    return PutKey("key.pem", SharedKey(Algorithm::kP256));
  }
};

TEST_F(Stm32Commands, PutTheHeaderThatStm32imagePuts) {
  const std::pair<const char*, const char*> chips[] = {{"stm32mp15", "1.0"},
                                                       {"stm32mp13", "2.0"},
                                                       {"stm32mp25", "2.2"},
                                                       {"stm32mp21", "2.3"}};
  for (const auto& [chip, version] : chips) {
    const Outcome outcome =
        Stm32({"header", "--chip", chip, "--load", "0x2ffc2500", "--entry",
               "0x2ffea000", "--image-version", "3", "-o", File("out"),
               Vector("first-stage.bin")});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(Read(File("out")),
              Read(Vector(std::string("stm32-v") + version + ".stm32")))
        << chip;
    const Outcome shown = Stm32({"show", File("out")});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr(version));
    EXPECT_THAT(shown.out, HasSubstr("matches"));
  }
}

TEST_F(Stm32Commands, TellTheBootRomsDecision) {
  const std::string image = PutSigned(1);
  const Outcome good =
      Stm32({"rom-check", "--chip", "stm32mp15", "--key", Key(), image});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("starts\nauthentication passed"));
  const Outcome unfused = Stm32({"rom-check", "--chip", "stm32mp15", image});
  EXPECT_EQ(unfused.exit_code, 1);
  EXPECT_THAT(unfused.out, HasSubstr("STM32_NOT_FUSED"));
  const Outcome zeros = Stm32({"rom-check", "--chip", "stm32mp15", "--key-hash",
                               std::string(64, '0'), image});
  EXPECT_THAT(zeros.out, HasSubstr("STM32_NOT_FUSED"));
  const Outcome open =
      Stm32({"rom-check", "--chip", "stm32mp15", "--open", "--json", image});
  EXPECT_EQ(open.exit_code, 0);
  EXPECT_THAT(open.out, HasSubstr("\"authentication\":\"failed\""));
  const Outcome chip =
      Stm32({"rom-check", "--chip", "stm32mp13", "--open", image});
  EXPECT_EQ(chip.exit_code, 1);
  EXPECT_THAT(chip.out, HasSubstr("STM32_VERSION"));
}

// Thread 9 of facts: fwu 7.4.
TEST_F(Stm32Commands, RefuseVersion0OnAChipThatWasClosed) {
  const Outcome outcome =
      Stm32({"rom-check", "--chip", "stm32mp15", "--key", Key(), PutSigned(0)});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("STM32_IMAGE_VERSION"));
}

TEST_F(Stm32Commands, PrintTheWordsThatAreFused) {
  const std::string key = Key();
  const Outcome words = Stm32({"otp", "--chip", "stm32mp15", key});
  EXPECT_EQ(words.exit_code, 0) << words.err;
  ASSERT_EQ(
      Stm32({"otp", "--chip", "stm32mp15", "-o", File("hash"), key}).exit_code,
      0);
  const std::string hash = Read(File("hash"));
  ASSERT_EQ(hash.size(), 32u);
  EXPECT_THAT(words.out, HasSubstr("word 24  0x" +
                                   absl::BytesToHexString(hash.substr(0, 4))));
  EXPECT_THAT(words.out, HasSubstr("word 31  0x" +
                                   absl::BytesToHexString(hash.substr(28))));
  const Outcome check = Stm32({"rom-check", "--chip", "stm32mp15", "--key-hash",
                               absl::BytesToHexString(hash), PutSigned(1)});
  EXPECT_EQ(check.exit_code, 0) << check.out;
  const Outcome table = Stm32(
      {"otp", "--chip", "stm32mp13", key, key, key, key, key, key, key, key});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_NE(table.out, words.out);
}

TEST_F(Stm32Commands, RefuseWhatIsWrong) {
  const std::string key = Key();
  const std::vector<std::string> wrong[] = {
      {"otp", "--chip", "stm32mp15", key, key},
      {"otp", "--chip", "stm32mp13", key},
      {"otp", "--chip", "stm32h7", key},
      {"otp", key},
      {"rom-check", "--chip", "stm32mp15", "--key-hash", "00", key},
      {"rom-check", "--chip", "stm32mp15", "--key", key, "--key-hash",
       std::string(64, 'a'), key},
      {"header", "--chip", "stm32mp15", "-o", File("out"), key}};
  for (const auto& words : wrong) {
    const Outcome outcome = Stm32(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_EQ(Stm32({"show", key}).exit_code, 5);
  const std::string p384 = PutKey("p384.pem", SharedKey(Algorithm::kP384));
  EXPECT_THAT(Stm32({"otp", "--chip", "stm32mp15", p384}).err,
              HasSubstr("STM32_KEY"));
  const Outcome empty =
      Stm32({"header", "--chip", "stm32mp15", "--load", "0", "--entry", "0",
             "--image-version", "1", "-o", File("out"), Put("empty", "")});
  EXPECT_THAT(empty.err, HasSubstr("PAYLOAD"));
  EXPECT_FALSE(There("out"));
}

}  // namespace
}  // namespace bootseal::tests
