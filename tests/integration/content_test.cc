// Images that are signed themselves, and compressed ones, with the programs
// that users have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class Content : public Imgtool {
 protected:
  Outcome SignFor(const std::string& target, const std::string& payload,
                  const Arguments& more = {}) {
    return On().Client(Arguments{"sign", "--target", target, "--version", "1.0",
                                 "-o", On().File("a.bin"), "--receipt",
                                 On().File("a.receipt"), payload} +
                       more);
  }
  Outcome VerifyWithReceipt(const std::string& target) {
    return On().Client({"verify", "--target", target, "--receipt",
                        On().File("a.receipt"), On().File("a.bin")});
  }
  void Spoil(std::size_t at) {
    std::string image = On().Read("a.bin");
    image[at] = static_cast<char>(image[at] ^ 1);
    On().Write("a.bin", image);
  }
};

// Nothing that compression could pay for.
std::string Noise(std::size_t size) {
  std::string noise = Payload(8);
  std::uint32_t x = 1;
  while (noise.size() < size) {
    x = x * 1664525 + 1013904223;
    noise.push_back(static_cast<char>(x >> 24));
  }
  return noise;
}

TEST_F(Content, APureImageVerifiesWithItsReceipt) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Outcome sign = SignFor("pure", payload);
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  const Outcome verdict = VerifyWithReceipt("pure");
  EXPECT_EQ(verdict.exit_code, 0) << verdict.err;
  EXPECT_THAT(On().Client({"inspect", On().File("a.bin")}).out,
              HasSubstr("SIG_PURE"));
  EXPECT_EQ(On().Client({"explain", "--target", "pure", On().File("a.bin")})
                .exit_code,
            0);
}

TEST_F(Content, APureImageIsNoneOfATargetWhoseKeySignsDigests) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  ASSERT_EQ(SignFor("pure", payload).exit_code, 0);
  const Outcome explain =
      On().Client({"explain", "--target", "ed25519", On().File("a.bin")});
  EXPECT_EQ(explain.exit_code, 1);
  EXPECT_EQ(Verify("ed25519", "a.bin").exit_code, 1);
}

TEST_F(Content, ASpoiltPureImageIsRefused) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  ASSERT_EQ(SignFor("pure", payload).exit_code, 0);
  Spoil(0x400 + 77);
  EXPECT_EQ(Verify("pure", "a.bin").exit_code, 1);
}

TEST_F(Content, PureIsFilledInFromTheTarget) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  ASSERT_EQ(
      Sign({"-k", "bootseal:pure", "-v", "1.0"}, payload, "a.bin").exit_code,
      0);
  EXPECT_EQ(Verify("pure", "a.bin").exit_code, 0);
}

TEST_F(Content, PureForATargetWithoutItIsRefusedByName) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Outcome sign =
      Sign({"-k", "bootseal:ed25519", "-v", "1.0", "--pure"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("target ed25519 has no --pure"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Content, ACompressedImageVerifiesAndIsExplainedWithWhatComesOfIt) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  const Outcome sign = SignFor("compressed", payload, {"--compress"});
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_LT(On().Read("a.bin").size(), 5000u);
  const Outcome verdict = VerifyWithReceipt("compressed");
  EXPECT_EQ(verdict.exit_code, 0) << verdict.err;
  const Outcome explain =
      On().Client({"explain", "--target", "compressed", On().File("a.bin")});
  EXPECT_EQ(explain.exit_code, 0) << explain.out;
  EXPECT_THAT(explain.out, HasSubstr("once decompressed: signature matches"));
}

TEST_F(Content, ASpoiltStreamIsExplained) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  ASSERT_EQ(SignFor("compressed", payload, {"--compress"}).exit_code, 0);
  Spoil(0x400 + 77);
  EXPECT_EQ(Verify("compressed", "a.bin").exit_code, 1);
}

TEST_F(Content, WhatDoesNotGetSmallerIsLeftPlain) {
  const std::string payload = On().Write("app.bin", Noise(5000));
  for (const bool imgtool : {false, true}) {
    const Outcome sign = imgtool
                             ? Sign({"-k", "bootseal:compressed", "-v", "1.0",
                                     "--compression", "lzma2armthumb"},
                                    payload, "a.bin")
                             : SignFor("compressed", payload, {"--compress"});
    ASSERT_EQ(sign.exit_code, 0) << sign.err;
    EXPECT_THAT(sign.err, HasSubstr("is left plain"));
    EXPECT_EQ(Verify("compressed", "a.bin").exit_code, 0);
    EXPECT_THAT(On().Client({"inspect", On().File("a.bin")}).out,
                Not(HasSubstr("DECOMP_SIZE")));
  }
}

TEST_F(Content, CompressionForATargetWithoutItIsRefusedByName) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  const Outcome sign = SignFor("ed25519", payload, {"--compress"});
  EXPECT_NE(sign.exit_code, 0);
  EXPECT_THAT(sign.err, HasSubstr("COMPRESSION_NOT_OF_TARGET"));
  const Outcome line =
      Sign({"-k", "bootseal:ed25519", "-v", "1.0", "--compression", "lzma2"},
           payload, "a.bin");
  EXPECT_EQ(line.exit_code, 2);
  EXPECT_THAT(line.err, HasSubstr("target ed25519 takes no --compression"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Content, AnotherFilterIsRefusedByName) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  const Outcome sign =
      Sign({"-k", "bootseal:compressed", "-v", "1.0", "--compression", "lzma2"},
           payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("target compressed has --compression "
                                  "lzma2armthumb, the command line says "
                                  "lzma2"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Content, UsedRoomIsRefusedBeforeItIsCompressedAway) {
  std::string bytes = std::string(0x400, '\0') + Payload(9001);
  bytes[3] = 'x';
  const std::string payload = On().Write("app.bin", bytes);
  const Outcome sign = SignFor("compressed-room", payload, {"--compress"});
  EXPECT_NE(sign.exit_code, 0);
  EXPECT_THAT(sign.err, HasSubstr("HEADER_ROOM_NOT_ZERO"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Content, TheReceiptOfAnotherReleaseIsRefused) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  for (const char* target : {"pure", "compressed"}) {
    const Arguments more = std::string(target) == "compressed"
                               ? Arguments{"--compress"}
                               : Arguments{};
    ASSERT_EQ(SignFor(target, payload, more).exit_code, 0);
    const std::string image = On().Read("a.bin");
    const std::string other = On().Write("app2.bin", Payload(9002));
    ASSERT_EQ(SignFor(target, other, more).exit_code, 0);
    On().Write("a.bin", image);
    const Outcome verdict = VerifyWithReceipt(target);
    EXPECT_EQ(verdict.exit_code, 1);
    EXPECT_THAT(verdict.err, HasSubstr("RECEIPT_MISMATCH"));
  }
}

TEST_F(Content, TheAuditorIsToldWhatTheLogCannotShow) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  ASSERT_EQ(SignFor("pure", payload).exit_code, 0);
  ASSERT_EQ(SignFor("compressed", payload, {"--compress"}).exit_code, 0);
  const Outcome audit = On().Client({"audit", "verify"}, "auditor");
  ASSERT_EQ(audit.exit_code, 0) << audit.err;
  EXPECT_THAT(audit.out, HasSubstr("over images themselves"));
}

TEST_F(Content, RulesForOurBootloaderSayWhatItDoesNotUndo) {
  const Outcome rules =
      On().Client({"targets", "export", "--format", "c++", "compressed"});
  ASSERT_EQ(rules.exit_code, 0) << rules.err;
  EXPECT_THAT(rules.out, HasSubstr("decompresses nothing"));
  EXPECT_THAT(rules.out,
              HasSubstr(".compression = image::mcuboot::Compression::kNone"));
  EXPECT_THAT(On().Client({"targets", "export", "--format", "c++", "pure"}).out,
              HasSubstr(".pure = true"));
}

}  // namespace
}  // namespace bootseal::tests
