// What sign makes with keys of its own.
#include <gmock/gmock.h>

#include "base/status.h"
#include "client/imgtool/encryption.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;
using image::host::AsBytes;
using image::host::ToString;
using testing::HasSubstr;
using testing::Not;

class KeyTypes : public SignTest,
                 public testing::WithParamInterface<std::string> {};

TEST_P(KeyTypes, SignImagesThatVerify) {
  MakeKey(GetParam(), "key.pem");
  for (const char* format : {"hash", "full"}) {
    ASSERT_OK(Sign({"-k", File("key.pem"), "--public-key-format", format}));
    EXPECT_OK(
        imgtool::Run({"verify", "-k", File("key.pem"), File("image.bin")}));
  }
}

TEST_P(KeyTypes, GiveSigOutWhatTheImageHolds) {
  MakeKey(GetParam(), "key.pem");
  ASSERT_OK(Sign({"-k", File("key.pem"), "--sig-out", File("signature")}));
  std::string signature;
  ASSERT_TRUE(absl::Base64Unescape(Read(File("signature")), &signature));
  const imgtool::Key key = LoadKey("key.pem");
  const std::string image = Image();
  EXPECT_EQ(TlvOf(ReadingOf(image).facts.unprotected_area,
                  key.traits().signing->signature_tlv),
            signature);
}

TEST_P(KeyTypes, DoNotLetASignatureReplaceImageOrInput) {
  MakeKey(GetParam(), "key.pem");
  std::filesystem::create_symlink(File("payload.bin"), File("link"));
  for (const std::string& path :
       {File("image.bin"), File("./image.bin"), File("link"),
        File("payload.bin"), File("/payload.bin")}) {
    const absl::Status status =
        Sign({"-k", File("key.pem"), "--sig-out", path});
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << path << ": " << status;
    EXPECT_THAT(std::string(status.message()),
                testing::HasSubstr("would replace"));
    EXPECT_FALSE(HasImage());
    EXPECT_EQ(Read(File("payload.bin")), GoldenPayload());
  }
}

// The recipe of those whose key is elsewhere, boot record and padding included.
TEST_P(KeyTypes, SignVectorsElsewhere) {
  MakeKey(GetParam(), "key.pem");
  ASSERT_OK(imgtool::Run(
      {"getpub", "-k", File("key.pem"), "-e", "pem", "-o", File("key.pub")}));
  const Words options{"--boot-record", "SPE", "--pad", "-s", "4",
                      "--align",       "8",   "-M",    "8",  "--fix-sig-pubkey",
                      File("key.pub")};
  Words vector = options;
  vector.insert(vector.end(), {"--vector-to-sign", "payload"});
  ASSERT_OK(Sign(vector));
  const imgtool::Key key = LoadKey("key.pem");
  const auto signature = key.SignRange(Image(), key.traits().hash);
  ASSERT_OK(signature);
  Write("signature", absl::Base64Escape(*signature));
  Words fixed = options;
  fixed.insert(fixed.end(), {"--fix-sig", File("signature")});
  ASSERT_OK(Sign(fixed));
  EXPECT_EQ(Image().size(), 0x1000u);
  EXPECT_OK(imgtool::Run({"verify", "-k", File("key.pub"), File("image.bin")}));
}

TEST_P(KeyTypes, RefuseAReadySignatureOfAnotherImage) {
  MakeKey(GetParam(), "key.pem");
  ASSERT_OK(
      Sign({"-k", File("key.pem"), "-s", "1", "--sig-out", File("signature")}));
  std::filesystem::remove(File("image.bin"));
  const Words options{
      "-s",           "2", "--fix-sig", File("signature"), "--fix-sig-pubkey",
      File("key.pem")};
  const absl::Status status = Sign(options);
  EXPECT_EQ(base::ReasonOf(status), "SIGNATURE_MISMATCH");
  EXPECT_EQ(imgtool::ExitStatusOf(status), 1);
  EXPECT_FALSE(HasImage());
  Words tolerated = options;
  tolerated.emplace_back("--imgtool-compatible");
  EXPECT_OK(Sign(tolerated));
}

std::string WithoutDash(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, KeyTypes,
                         testing::Values("rsa-2048", "rsa-3072", "ecdsa-p256",
                                         "ecdsa-p384", "ed25519"),
                         WithoutDash);

TEST_F(SignTest, CreateIsSign) {
  MakeKey("ed25519", "key.pem");
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  const std::string image = Image();
  ASSERT_OK(imgtool::Run({"create", "-v", "1.2.3+4", "-H", "32", "--pad-header",
                          "-S", "4096", "-k", File("key.pem"),
                          File("payload.bin"), File("image.bin")}));
  EXPECT_EQ(Image(), image);
}

TEST_F(SignTest, TheLastOfAnOptionGivenTwiceCounts) {
  ASSERT_OK(Sign({"--unsigned", "-s", "1", "-s", "2"}));
  const std::string image = Image();
  EXPECT_EQ(TlvOf(ReadingOf(image).facts.protected_area,
                  mcuboot::tlv::kSecurityCounter),
            std::string("\x02\0\0\0", 4));
}

TEST_F(SignTest, WithoutKeyItIsUnsignedForThoseWhoAskAsImgtoolDoes) {
  EXPECT_EQ(base::ReasonOf(Sign({})), "UNSIGNED");
  ASSERT_OK(Sign({"--imgtool-compatible"}));
  const std::string image = Image();
  EXPECT_EQ(
      TlvOf(ReadingOf(image).facts.unprotected_area, mcuboot::tlv::kKeyHash),
      "");
}

TEST_F(SignTest, APublicKeyAloneLeavesItUnsignedForImgtoolsSake) {
  MakeKey("ecdsa-p384", "key.pem");
  ASSERT_OK(
      Sign({"--fix-sig-pubkey", File("key.pem"), "--imgtool-compatible"}));
  const std::string image = Image();
  EXPECT_EQ(
      TlvOf(ReadingOf(image).facts.unprotected_area, mcuboot::tlv::kSha256)
          .size(),
      32u);
}

TEST_F(SignTest, TheBootRecordNamesTheSignerInBothPhases) {
  MakeKey("ecdsa-p256", "key.pem");
  ASSERT_OK(Sign({"-k", File("key.pem"), "--boot-record", "SPE"}));
  const std::string image = Image();
  const mcuboot::Header& header = ReadingOf(image).facts.header;
  const std::string range = image.substr(0, mcuboot::SignedSize(header));
  ASSERT_OK(Sign({"--fix-sig-pubkey", File("key.pem"), "--boot-record", "SPE",
                  "--vector-to-sign", "payload"}));
  EXPECT_EQ(Image(), range);
}

TEST_F(SignTest, AVectorIsNeverPaddedButForImgtoolsSake) {
  const Words options{"--vector-to-sign", "payload", "--pad"};
  ASSERT_OK(Sign(options));
  EXPECT_EQ(Image().size(), 0x20u + 301u);
  Words padded = options;
  padded.emplace_back("--imgtool-compatible");
  ASSERT_OK(Sign(padded));
  EXPECT_EQ(Image().size(), 0x1000u);
  padded.insert(padded.end(), {"-S", "0x150"});
  EXPECT_EQ(base::ReasonOf(Sign(padded)), "IMAGE_TOO_LARGE");
}

TEST_F(SignTest, TheDigestIsOfTheHashOfTheKeyThatIsNamed) {
  MakeKey("ecdsa-p384", "key.pem");
  ASSERT_OK(Sign(
      {"--vector-to-sign", "digest", "--fix-sig-pubkey", File("key.pem")}));
  EXPECT_EQ(Image().size(), 48u);
}

TEST_F(SignTest, APaddedSignatureHasTheLengthOfOldBootloaders) {
  MakeKey("ecdsa-p256", "key.pem");
  ASSERT_OK(Sign({"-k", File("key.pem"), "--pad-sig"}));
  const std::string image = Image();
  EXPECT_EQ(TlvOf(ReadingOf(image).facts.unprotected_area, mcuboot::tlv::kEcdsa)
                .size(),
            72u);
}

// imgtool counts two keys of 16 bytes in any case.
TEST_F(SignTest, KeysOf32BytesCountAsSuchInTheTrailer) {
  MakeKey("x25519", "device.pem");
  constexpr int kImage = 32 + 304 + 4 + 36 + 100;
  constexpr int kTrailer = 384 + 2 * 32 + 4 * 8 + 16;
  const auto options = [&](int slot) {
    return Words{"--unsigned", "-E", File("device.pem"), "--encrypt-keylen",
                 "256",        "-S", absl::StrCat(slot)};
  };
  EXPECT_OK(Sign(options(kImage + kTrailer)));
  Words tight = options(kImage + kTrailer - 1);
  EXPECT_EQ(base::ReasonOf(Sign(tight)), "IMAGE_TOO_LARGE");
  tight.back() = absl::StrCat(kImage + kTrailer - 32);
  tight.emplace_back("--imgtool-compatible");
  EXPECT_OK(Sign(tight));
}

struct Cipher {
  std::string signing;
  std::string device;
  Words options;
  std::uint16_t tlv;
  std::size_t tlv_bytes;
};

class Encrypted : public SignTest,
                  public testing::WithParamInterface<Cipher> {};

TEST_P(Encrypted, IsReadByTheDeviceAndSignedInPlaintext) {
  MakeKey(GetParam().signing, "key.pem");
  MakeKey(GetParam().device, "device.pem");
  Words options{"-k", File("key.pem"), "-E", File("device.pem")};
  options.insert(options.end(), GetParam().options.begin(),
                 GetParam().options.end());
  ASSERT_OK(Sign(options));
  std::string image = Image();
  const mcuboot::Reading reading = ReadingOf(image);
  const std::string value =
      TlvOf(reading.facts.unprotected_area, GetParam().tlv);
  EXPECT_EQ(value.size(), GetParam().tlv_bytes);
  const auto plain = imgtool::Decrypt(LoadKey("device.pem"), GetParam().tlv,
                                      value, ToString(reading.payload));
  ASSERT_OK(plain);
  EXPECT_EQ(*plain, GoldenPayload() + std::string(3, 0));
  EXPECT_EQ(base::ReasonOf(imgtool::Run(
                {"verify", "-k", File("key.pem"), File("image.bin")})),
            "ENCRYPTED");
  image.replace(0x20, plain->size(), *plain);
  Write("plain.bin", image);
  EXPECT_OK(imgtool::Run({"verify", "-k", File("key.pem"), File("plain.bin")}));
}

TEST_P(Encrypted, ClearIsReadableAndVerifies) {
  MakeKey(GetParam().signing, "key.pem");
  MakeKey(GetParam().device, "device.pem");
  ASSERT_OK(Sign({"-k", File("key.pem"), "-E", File("device.pem"), "--clear"}));
  EXPECT_EQ(Image().substr(0x20, 301), GoldenPayload());
  EXPECT_OK(imgtool::Run({"verify", "-k", File("key.pem"), File("image.bin")}));
}

INSTANTIATE_TEST_SUITE_P(
    All, Encrypted,
    testing::Values(
        Cipher{"ed25519", "x25519", {}, 0x33, 80},
        Cipher{"ed25519",
               "x25519",
               {"--encrypt-keylen", "256", "--hmac-sha", "512"},
               0x34,
               128},
        Cipher{"ecdsa-p256", "ecdsa-p256", {}, 0x32, 113},
        Cipher{
            "ecdsa-p384", "ecdsa-p256", {"--encrypt-keylen", "256"}, 0x32, 129},
        Cipher{"rsa-2048", "rsa-2048", {}, 0x30, 256}),
    [](const auto& row) { return absl::StrCat("Row", row.index); });

class CompressedTest : public SignTest {
 protected:
  absl::Status SignRepeats(const Words& further) const {
    Words words{"sign",          "-v",           "1.2.3+4",       "-H",
                "0x20",          "-S",           "0x4000",        "-k",
                File("key.pem"), "--pad-header", "--compression", "lzma2"};
    words.insert(words.end(), further.begin(), further.end());
    words.insert(words.end(), {File("repeats.bin"), File("image.bin")});
    return imgtool::Run(words);
  }
};

TEST_F(CompressedTest, HoldsHashAndSignatureOfThePlainImage) {
  MakeKey("ed25519", "key.pem");
  ASSERT_OK(SignRepeats({"--non-bootable"}));
  const std::string image = Image();
  const mcuboot::Reading reading = ReadingOf(image);
  const image::Bytes area = reading.facts.protected_area;
  EXPECT_NE(reading.facts.header.flags & mcuboot::flags::kNonBootable, 0u);
  EXPECT_NE(reading.facts.header.flags & mcuboot::flags::kCompressedLzma2, 0u);
  EXPECT_EQ(TlvOf(area, mcuboot::tlv::kDecompressedSize),
            std::string("\0\x10\0\0", 4));
  const imgtool::Key key = LoadKey("key.pem");
  EXPECT_EQ(image::VerifySignature(
                image::Algorithm::kEd25519, AsBytes(key.device_der()),
                AsBytes(TlvOf(area, mcuboot::tlv::kDecompressedDigest)),
                AsBytes(TlvOf(area, mcuboot::tlv::kDecompressedSignature))),
            image::Error::kOk);
  EXPECT_OK(imgtool::Run({"verify", "-k", File("key.pem"), File("image.bin")}));
}

TEST_F(CompressedTest, EncryptedTooTellsTheLengthOfTheStream) {
  MakeKey("ed25519", "key.pem");
  MakeKey("x25519", "device.pem");
  ASSERT_OK(SignRepeats({"-E", File("device.pem")}));
  const std::string image = Image();
  const mcuboot::Reading reading = ReadingOf(image);
  const std::string size =
      TlvOf(reading.facts.protected_area, mcuboot::tlv::kCompressedSize);
  ASSERT_EQ(size.size(), 4u);
  const std::uint32_t bytes = image::Reader(AsBytes(size)).U32();
  EXPECT_LE(bytes, reading.payload.size());
  EXPECT_LT(reading.payload.size() - bytes, 16u);
}

// imgtool makes another image object for the stream, and tells it less.
TEST_F(CompressedTest, LosesNonBootableAsImgtoolDoesWhenToldTo) {
  MakeKey("ed25519", "key.pem");
  ASSERT_OK(SignRepeats({"--non-bootable", "--imgtool-compatible"}));
  const std::uint32_t flags = ReadingOf(Image()).facts.header.flags;
  EXPECT_EQ(flags & mcuboot::flags::kNonBootable, 0u);
  EXPECT_NE(flags & mcuboot::flags::kCompressedLzma2, 0u);
}

TEST_F(CompressedTest, IsLeftUnencryptedAsImgtoolDoesWhenToldTo) {
  MakeKey("ed25519", "key.pem");
  MakeKey("x25519", "device.pem");
  ASSERT_OK(Sign({"-k", File("key.pem"), "-E", File("device.pem"),
                  "--compression", "lzma2", "--imgtool-compatible"}));
  const std::string image = Image();
  const mcuboot::Reading reading = ReadingOf(image);
  EXPECT_NE(reading.facts.header.flags & mcuboot::flags::kEncryptedAes128, 0u);
  EXPECT_EQ(ToString(reading.payload), GoldenPayload());
  EXPECT_EQ(TlvOf(reading.facts.unprotected_area, 0x33), "");
}

// imgtool leaves the payload plain then, marked as encrypted, without a key.
TEST_F(CompressedTest, IsStillEncryptedWhenCompressionDoesNotPay) {
  MakeKey("ed25519", "key.pem");
  MakeKey("x25519", "device.pem");
  ASSERT_OK(Sign({"-k", File("key.pem"), "-E", File("device.pem"),
                  "--compression", "lzma2"}));
  const std::string image = Image();
  EXPECT_EQ(TlvOf(ReadingOf(image).facts.unprotected_area, 0x33).size(), 80u);
  EXPECT_NE(image.substr(0x20, 301), GoldenPayload());
}

}  // namespace
}  // namespace bootseal::tests
