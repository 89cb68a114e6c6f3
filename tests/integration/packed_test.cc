// Images that are compressed and encrypted, and keys of key wrap, with the
// programs that users have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "tests/client/imgtool/independent_decryption.h"
#include "tests/integration/image_comparison.h"
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint16_t kEciesP256 = 0x32;
constexpr std::uint16_t kKeyWrap = 0x31;
constexpr std::size_t kHeaderBytes = 0x400;

std::uint32_t Number(const mcuboot::Facts& facts, std::uint16_t type) {
  const image::Bytes value = mcuboot::FindTlv(facts.protected_area, type).value;
  EXPECT_EQ(value.size(), 4u) << type;
  return image::Reader(value).U32();
}

// With liblzma alone, by what MCUboot's documents say of the stream.
std::string DecompressedPayload(const std::string& image) {
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(image), image::HashAlgorithm::kSha256);
  EXPECT_EQ(reading.error, image::Error::kOk);
  const std::size_t size = Number(reading.facts, mcuboot::tlv::kCompressedSize);
  std::string plain(Number(reading.facts, mcuboot::tlv::kDecompressedSize), 0);
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, 9);
  options.dict_size = 128 * 1024;
  options.lp = 1;
  std::array<lzma_filter, 3> filters{{{LZMA_FILTER_ARMTHUMB, nullptr},
                                      {LZMA_FILTER_LZMA2, &options},
                                      {LZMA_VLI_UNKNOWN, nullptr}}};
  const auto* const in =
      reinterpret_cast<const std::uint8_t*>(reading.payload.data());
  std::size_t read = 2;
  std::size_t written = 0;
  EXPECT_EQ(
      lzma_raw_buffer_decode(filters.data(), nullptr, in, &read, size,
                             reinterpret_cast<std::uint8_t*>(plain.data()),
                             &written, plain.size()),
      LZMA_OK);
  EXPECT_EQ(read, size);
  EXPECT_EQ(written, plain.size());
  return plain;
}

class Packed : public Imgtool {
 protected:
  // As the device of "ecdsa-p256" has it.
  std::string Decrypted(const std::string& name) {
    return DecryptedImage(On().Read(name), kEciesP256,
                          On().Read("ecdsa-p256.pem"));
  }
  void ExpectPayload(const std::string& name, const std::string& payload) {
    EXPECT_TRUE(DecompressedPayload(Decrypted(name)) == payload);
  }
};

const Arguments kLine{"-v",
                      "1.2.3",
                      "-H",
                      "0x400",
                      "-S",
                      "0x80000",
                      "-s",
                      "1",
                      "--compression",
                      "lzma2armthumb",
                      "--overwrite-only"};

TEST_F(Packed, TheSameLineDecryptsToTheSameImage) {
  const Arguments line =
      kLine + Arguments{"--pad-header", "-E", LocalKey("ecdsa-p256")};
  for (const std::size_t size : {9001u, 9100u, 9333u, 20000u}) {
    const std::string payload = On().Write("app.bin", Payload(size));
    const Outcome server =
        Sign(Arguments{"-k", "bootseal:packed"} + line, payload, "a.bin");
    ASSERT_EQ(server.exit_code, 0) << server.err;
    const Outcome local =
        Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin");
    ASSERT_EQ(local.exit_code, 0) << local.err;
    ExpectSame(Decrypted("a.bin"), Decrypted("b.bin"));
    EXPECT_NE(Decrypted("a.bin"), On().Read("a.bin"));
    ExpectPayload("a.bin", Payload(size));
  }
}

TEST_F(Packed, TheSameLineOfABuildWithRoomDecryptsToTheSameImage) {
  const std::string payload =
      On().Write("app.bin", std::string(kHeaderBytes, '\0') + Payload(9001));
  const Arguments line = kLine + Arguments{"-E", LocalKey("ecdsa-p256")};
  const Outcome server =
      Sign(Arguments{"-k", "bootseal:packed-room"} + line, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  const Outcome local =
      Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin");
  ASSERT_EQ(local.exit_code, 0) << local.err;
  ExpectSame(Decrypted("a.bin"), Decrypted("b.bin"));
  ExpectPayload("a.bin", Payload(9001));
}

TEST_F(Packed, InTheClearVerifiesAndIsExplainedWithWhatComesOfIt) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  const Outcome sign = Sign(
      Arguments{"-k", "bootseal:packed"} + kLine +
          Arguments{"--pad-header", "-E", LocalKey("ecdsa-p256"), "--clear"},
      payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(Verify("packed", "a.bin").exit_code, 0);
  const Outcome explain =
      On().Client({"explain", "--target", "packed", On().File("a.bin")});
  EXPECT_EQ(explain.exit_code, 0) << explain.out;
  EXPECT_THAT(explain.out, HasSubstr("once decompressed: signature matches"));
  EXPECT_TRUE(DecompressedPayload(On().Read("a.bin")) == Payload(9001));
}

TEST_F(Packed, BootsealSignCompressesAndThenEncrypts) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  const Outcome sign =
      On().Client({"sign", "--target", "packed", "--version", "1.2.3", "-o",
                   On().File("a.bin"), "--receipt", On().File("a.receipt"),
                   payload, "--compress", "--encrypt", LocalKey("ecdsa-p256")});
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_LT(On().Read("a.bin").size(), 5000u);
  ExpectPayload("a.bin", Payload(9001));
  const Outcome verify = Verify("packed", "a.bin");
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_THAT(verify.out, HasSubstr("PAYLOAD_ENCRYPTED"));
  const Outcome explain =
      On().Client({"explain", "--target", "packed", On().File("a.bin")});
  EXPECT_EQ(explain.exit_code, 1);
  EXPECT_THAT(explain.out, HasSubstr("encrypted"));
  EXPECT_THAT(explain.out, Not(HasSubstr("once decompressed")));
  On().Write("plain.bin", Decrypted("a.bin"));
  const Outcome receipt =
      On().Client({"verify", "--target", "packed", "--receipt",
                   On().File("a.receipt"), On().File("plain.bin")});
  EXPECT_EQ(receipt.exit_code, 0) << receipt.out << receipt.err;
}

TEST_F(Packed, ImgtoolsVerifyDecryptsAndAsksTheTarget) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  const std::string device = LocalKey("ecdsa-p256");
  ASSERT_EQ(Sign(Arguments{"-k", "bootseal:packed"} + kLine +
                     Arguments{"--pad-header", "-E", device},
                 payload, "a.bin")
                .exit_code,
            0);
  const Outcome verify =
      On().Client({"imgtool", "verify", "-k", "bootseal:packed",
                   "--decrypt-key", device, On().File("a.bin")});
  EXPECT_EQ(verify.exit_code, 0) << verify.err;
  EXPECT_THAT(verify.err, Not(HasSubstr("would not boot")));
}

TEST_F(Packed, WhatDoesNotGetSmallerIsEncryptedAsItIs) {
  std::string noise = Payload(8);
  std::uint32_t x = 1;
  while (noise.size() < 5000) {
    x = x * 1664525 + 1013904223;
    noise.push_back(static_cast<char>(x >> 24));
  }
  const std::string payload = On().Write("app.bin", noise);
  const Outcome sign =
      Sign(Arguments{"-k", "bootseal:packed"} + kLine +
               Arguments{"--pad-header", "-E", LocalKey("ecdsa-p256")},
           payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_THAT(sign.err, HasSubstr("is left plain"));
  EXPECT_EQ(Decrypted("a.bin").substr(kHeaderBytes, noise.size()), noise);
}

TEST_F(Packed, ATargetThatDecompressesNothingRefusesBothByName) {
  const std::string payload = On().Write("app.bin", Payload(9001));
  const Outcome sign =
      On().Client({"sign", "--target", "maybe", "--version", "1.2.3", "-o",
                   On().File("a.bin"), payload, "--compress", "--encrypt",
                   LocalKey("ecdsa-p256")});
  EXPECT_NE(sign.exit_code, 0);
  EXPECT_THAT(sign.err, HasSubstr("COMPRESSION_NOT_OF_TARGET"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

class KeyWrap : public Imgtool {
 protected:
  const std::string kek_ = "0123456789abcdef0123456789ABCDEF";
  const std::string file_ =
      On().Write("kek.b64", absl::Base64Escape(kek_) + "\n");
  const std::string payload_ = On().Write("app.bin", Payload(5001));

  std::string Decrypted(const std::string& name) {
    const std::string image = On().Read(name);
    const mcuboot::Reading reading = mcuboot::ReadImage(
        image::host::AsBytes(image), image::HashAlgorithm::kSha256);
    const std::string content_key = imgtool::UnwrappedContentKey(
        kek_,
        image::host::ToString(
            mcuboot::FindTlv(reading.facts.unprotected_area, kKeyWrap).value));
    EXPECT_EQ(content_key.size(), 32u);
    return imgtool::Decrypted(content_key,
                              image::host::ToString(reading.payload))
        .substr(0, 5001);
  }
};

TEST_F(KeyWrap, OneFileServesWithTheServersKeyAndWithout) {
  const Outcome sign =
      On().Client({"sign", "--target", "key-wrap", "--version", "1.0", "-o",
                   On().File("a.bin"), payload_, "--encrypt", file_});
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(Decrypted("a.bin"), Payload(5001));
  const Arguments line{"-v",
                       "1.0",
                       "-H",
                       "0x400",
                       "-S",
                       "0x80000",
                       "--pad-header",
                       "--overwrite-only",
                       "-E",
                       file_,
                       "--encrypt-keylen",
                       "256"};
  for (const std::string& key :
       {std::string("bootseal:key-wrap"), LocalKey("ed25519")}) {
    const Outcome imgtool =
        Sign(Arguments{"-k", key} + line, payload_, "a.bin");
    ASSERT_EQ(imgtool.exit_code, 0) << imgtool.err;
    EXPECT_EQ(Decrypted("a.bin"), Payload(5001));
  }
}

TEST_F(KeyWrap, BytesAsTheyAreAndOtherLengthsAreRefusedByName) {
  const Arguments sign{"sign",     "--target", "key-wrap",         "--version",
                       "1.0",      "-o",       On().File("a.bin"), payload_,
                       "--encrypt"};
  const Outcome raw =
      On().Client(sign + Arguments{On().Write("kek.raw", kek_ + "\xfe")});
  EXPECT_EQ(raw.exit_code, 5);
  EXPECT_THAT(raw.err, HasSubstr("16 or 32 bytes in base64"));
  const Outcome shorter = On().Client(
      sign + Arguments{On().Write("short.b64",
                                  absl::Base64Escape(kek_.substr(0, 16)))});
  EXPECT_EQ(shorter.exit_code, 5);
  EXPECT_THAT(shorter.err, HasSubstr("target key-wrap decrypts with a "
                                     "key-encryption key of 256 bits"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

}  // namespace
}  // namespace bootseal::tests
