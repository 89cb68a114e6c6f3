// What an image says it is, with a key in the HSM: identity, flags, custom TLVs
// and encryption.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/image_comparison.h"
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

constexpr std::uint16_t kEciesP256 = 0x32;
constexpr std::uint16_t kEciesX25519Sha512 = 0x34;

const Arguments kGateway{
    "-v",           "1.2.3",        "-H",           "0x400",
    "-S",           "0x80000",      "-s",           "1",
    "--pad-header", "--strategy",   "direct-xip",   "-F",
    "0x20000",      "--vid",        "acme.example", "--cid",
    "board-1",      "--custom-tlv", "0xa0",         "own",
    "--custom-tlv", "0xa6",         "added"};

TEST_F(Imgtool, TheSameLineOfAGatewayDiffersInKeyAndSignatureAlone) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const std::string value = On().Write("value", std::string("\0file", 5));
  const Arguments line =
      kGateway + Arguments{"--custom-tlv-file", "0xa5", value};
  const Outcome server =
      Sign(Arguments{"-k", "bootseal:gateway"} + line, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  const Outcome local =
      Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin");
  ASSERT_EQ(local.exit_code, 0) << local.err;
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
  EXPECT_EQ(Verify("gateway", "a.bin").exit_code, 0);
}

TEST_F(Imgtool, WhatAGatewayIsNeedsNoWord) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Outcome server = Sign({"-k", "bootseal:gateway", "-v", "1.2.3",
                               "--custom-tlv", "0xa6", "added"},
                              payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  ASSERT_EQ(
      Sign(Arguments{"-k", LocalKey("ed25519")} + kGateway, payload, "b.bin")
          .exit_code,
      0);
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
}

TEST_F(Imgtool, TheSameLineOfDataDiffersInKeyAndSignatureAlone) {
  const std::string payload = On().Write("app.bin", "table");
  const Arguments line{"-v", "1.2.3",   "-H",           "0x400",
                       "-S", "0x80000", "--pad-header", "--non-bootable"};
  const Outcome server =
      Sign(Arguments{"-k", "bootseal:data"} + line, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  ASSERT_EQ(Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin")
                .exit_code,
            0);
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
}

TEST_F(Imgtool, ACustomTlvThatTheTargetDoesNotListIsRefusedByName) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Outcome sign = Sign(
      {"-k", "bootseal:gateway", "-v", "1.2.3", "--custom-tlv", "0xa7", "x"},
      payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("target gateway has no --custom-tlv 0xa7"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, BootsealSignAddsVendorTlvsAndTheServerJudgesThem) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Arguments sign{"sign",  "--target", "gateway",         "--version",
                       "1.2.3", "-o",       On().File("a.bin")};
  const Outcome good =
      On().Client(sign + Arguments{"--vendor-tlv", "0xa6=added", payload});
  ASSERT_EQ(good.exit_code, 0) << good.err;
  ASSERT_EQ(
      Sign(Arguments{"-k", LocalKey("ed25519")} + kGateway, payload, "b.bin")
          .exit_code,
      0);
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
  std::remove(On().File("a.bin").c_str());
  const Outcome bad =
      On().Client(sign + Arguments{"--vendor-tlv", "0xa7=x", payload});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("VENDOR_TLV_NOT_ALLOWED"));
  EXPECT_THAT(bad.err, HasSubstr("those are: 0x00a5, 0x00a6"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, ARequestIdReleasesNothingWithOtherVendorTlvs) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Arguments sign{
      "sign", "--target",         "gateway",      "--version",     "1.2.3",
      "-o",   On().File("a.bin"), "--request-id", "vendor-tlvs-1", payload};
  ASSERT_EQ(On().Client(sign + Arguments{"--vendor-tlv", "0xa6=one"}).exit_code,
            0);
  EXPECT_THAT(On().Client(sign + Arguments{"--vendor-tlv", "0xa6=one"}).out,
              HasSubstr("recorded by an earlier call"));
  const Outcome other =
      On().Client(sign + Arguments{"--vendor-tlv", "0xa6=two"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("REQUEST_ID_REUSED"));
}

const Arguments kMaybe{"-v",    "1.2.3",        "-H",
                       "0x400", "-S",           "0x80000",
                       "--pad", "--pad-header", "--overwrite-only"};

TEST_F(Imgtool, TheSameEncryptedLineDecryptsToTheSameImage) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const std::string device = LocalKey("ecdsa-p256");
  const Arguments line = kMaybe + Arguments{"-E", device};
  const Outcome server =
      Sign(Arguments{"-k", "bootseal:maybe"} + line, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  const Outcome local =
      Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin");
  ASSERT_EQ(local.exit_code, 0) << local.err;
  const std::string pem = On().Read("ecdsa-p256.pem");
  const std::string plain = DecryptedImage(On().Read("a.bin"), kEciesP256, pem);
  EXPECT_NE(plain, On().Read("a.bin"));
  EXPECT_EQ(plain.substr(0x400, 5001), Payload(5001));
  ExpectSame(plain, DecryptedImage(On().Read("b.bin"), kEciesP256, pem));
}

TEST_F(Imgtool, TheSameLineInTheClearDiffersInKeysAndSignatureAlone) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const Arguments line =
      kMaybe + Arguments{"-E", LocalKey("ecdsa-p256"), "--clear"};
  const Outcome server =
      Sign(Arguments{"-k", "bootseal:maybe"} + line, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  ASSERT_EQ(Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin")
                .exit_code,
            0);
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
  EXPECT_EQ(Verify("maybe", "a.bin").exit_code, 0);
}

TEST_F(Imgtool, AnEncryptedHexFileHoldsTheSameAsTheRawOne) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const Outcome sign = Sign({"-k", "bootseal:maybe", "-v", "1.0", "-E",
                             LocalKey("ecdsa-p256"), "-x", "0x8000000"},
                            payload, "a.hex");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_THAT(Verify("maybe", "a.hex").out, HasSubstr("PAYLOAD_ENCRYPTED"));
}

TEST_F(Imgtool, AnEncryptedFileCannotBeJudgedAndVerifySaysWhy) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  ASSERT_EQ(Sign(Arguments{"-k", "bootseal:maybe"} + kMaybe +
                     Arguments{"-E", LocalKey("ecdsa-p256")},
                 payload, "a.bin")
                .exit_code,
            0);
  const Outcome verify = Verify("maybe", "a.bin");
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_THAT(verify.out, HasSubstr("PAYLOAD_ENCRYPTED"));
  EXPECT_THAT(verify.out, HasSubstr("without the device's key"));
}

TEST_F(Imgtool, AnOptionalTargetSignsPlainImagesToo) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  ASSERT_EQ(Sign(Arguments{"-k", "bootseal:maybe"} + kMaybe, payload, "a.bin")
                .exit_code,
            0);
  EXPECT_EQ(Verify("maybe", "a.bin").exit_code, 0);
}

TEST_F(Imgtool, ATargetThatAlwaysEncryptsTakesItsOwnKeySizeAndHash) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const std::string device = LocalKey("x25519");
  const Outcome server = Sign(
      {"-k", "bootseal:always", "-v", "1.2.3", "-E", device}, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  const Outcome local =
      Sign({"-k", LocalKey("ed25519"), "-v", "1.2.3", "-H", "0x400", "-S",
            "0x80000", "--pad-header", "--overwrite-only", "-E", device,
            "--encrypt-keylen", "256", "--hmac-sha", "512"},
           payload, "b.bin");
  ASSERT_EQ(local.exit_code, 0) << local.err;
  const std::string pem = On().Read("x25519.pem");
  ExpectSame(DecryptedImage(On().Read("a.bin"), kEciesX25519Sha512, pem),
             DecryptedImage(On().Read("b.bin"), kEciesX25519Sha512, pem));
}

TEST_F(Imgtool, ATargetThatAlwaysEncryptsSignsNothingPlain) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const Outcome line =
      Sign({"-k", "bootseal:always", "-v", "1.2.3"}, payload, "a.bin");
  EXPECT_EQ(line.exit_code, 2);
  EXPECT_THAT(line.err, HasSubstr("target always requires --encrypt"));
  const Outcome sign =
      On().Client({"sign", "--target", "always", "--version", "1.2.3", "-o",
                   On().File("a.bin"), payload});
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("ENCRYPTION_REQUIRED"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, BootsealSignEncryptsForTheTargetsDevice) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const Arguments sign{"sign",     "--target", "always",           "--version",
                       "1.2.3",    "-o",       On().File("a.bin"), payload,
                       "--encrypt"};
  const Outcome good = On().Client(sign + Arguments{LocalKey("x25519")});
  ASSERT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("bootable once decrypted"));
  EXPECT_EQ(DecryptedImage(On().Read("a.bin"), kEciesX25519Sha512,
                           On().Read("x25519.pem"))
                .substr(0x400, 5001),
            Payload(5001));
  std::remove(On().File("a.bin").c_str());
  const Outcome bad = On().Client(sign + Arguments{LocalKey("ecdsa-p256")});
  EXPECT_NE(bad.exit_code, 0);
  EXPECT_THAT(bad.err, HasSubstr("target always decrypts with x25519"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, AKeyThatTheTargetDoesNotDecryptWithIsRefusedByName) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const Outcome sign = Sign(Arguments{"-k", "bootseal:maybe"} + kMaybe +
                                Arguments{"-E", LocalKey("x25519")},
                            payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("target maybe decrypts with ecdsa-p256"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, APlainTargetEncryptsForNobody) {
  const std::string payload = On().Write("app.bin", Payload(5001));
  const Outcome sign = Sign(
      {"-k", "bootseal:ed25519", "-v", "1.0", "-E", LocalKey("ecdsa-p256")},
      payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("cannot have --encrypt"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, ABootloaderIsProvisionedForWhatItCanStart) {
  for (const char* target : {"data", "always"}) {
    const Outcome refused =
        On().Client({"targets", "export", "--format", "c++", target});
    EXPECT_EQ(refused.exit_code, 1) << target;
    EXPECT_THAT(refused.err, HasSubstr("TARGET_NOT_PROVISIONABLE"));
  }
  const Outcome plain =
      On().Client({"targets", "export", "--format", "c++", "maybe"});
  EXPECT_EQ(plain.exit_code, 0);
  EXPECT_THAT(plain.err, HasSubstr("decrypts nothing and refuses them"));
}

TEST_F(Imgtool, PolicyExplainJudgesAnEncryptedRequest) {
  const Arguments explain{"policy", "explain",   "--target",
                          "always", "--version", "1.0"};
  EXPECT_EQ(On().Client(explain).exit_code, 1);
  EXPECT_EQ(On().Client(explain + Arguments{"--encrypted"}).exit_code, 0);
}

}  // namespace
}  // namespace bootseal::tests
