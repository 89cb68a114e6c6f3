// Encrypted images as their device sees them: verify --decrypt-key, and AES key
// wrap on the command line.
#include "client/imgtool/decryption.h"

#include <gmock/gmock.h>

#include "base/status.h"
#include "tests/client/imgtool/independent_decryption.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;
using testing::HasSubstr;

struct Scheme {
  const char* name;
  const char* device;  // keygen's type; empty: a key-encryption key
  Words options;
  std::uint16_t tlv;
  std::size_t tlv_bytes;
};

class DecryptionTest : public SignTest,
                       public testing::WithParamInterface<Scheme> {
 protected:
  DecryptionTest() {
    MakeKey("ed25519", "key.pem");
    MakeDevice("device");
  }

  void MakeDevice(const std::string& name) const {
    if (*GetParam().device != 0) return MakeKey(GetParam().device, name);
    const bool is_long = GetParam().tlv_bytes > 24;
    Write(name, absl::Base64Escape(std::string(is_long ? 32 : 16, name[0])));
  }
  absl::Status SignFor(const std::string& device,
                       const Words& further = {}) const {
    Words options{"-k", File("key.pem"), "-E", File(device)};
    options.insert(options.end(), GetParam().options.begin(),
                   GetParam().options.end());
    options.insert(options.end(), further.begin(), further.end());
    return Sign(options);
  }
  absl::Status Verify(const std::string& device) const {
    return imgtool::Run({"verify", "-k", File("key.pem"), "--decrypt-key",
                         File(device), File("image.bin")});
  }
  std::string Reason(const std::string& device) const {
    const absl::Status status = Verify(device);
    EXPECT_EQ(imgtool::ExitStatusOf(status) == 0, status.ok());
    return base::ReasonOf(status);
  }
  // The header's flags with `set` for `cleared`, of which nothing else knows.
  void ChangeFlags(std::uint32_t set, std::uint32_t cleared) const {
    std::string image = Image();
    constexpr std::size_t kFlags = 16;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto byte = static_cast<unsigned char>(image[kFlags + i]);
      image[kFlags + i] = static_cast<char>((byte & ~(cleared >> 8 * i)) |
                                            (set >> 8 * i & 0xff));
    }
    Write("image.bin", image);
  }
};

TEST_P(DecryptionTest, VerifiesWithTheDevicesKey) {
  ASSERT_OK(SignFor("device"));
  EXPECT_EQ(
      TlvOf(ReadingOf(Image()).facts.unprotected_area, GetParam().tlv).size(),
      GetParam().tlv_bytes);
  EXPECT_EQ(Image().find(GoldenPayload()), std::string::npos);
  EXPECT_OK(Verify("device"));
}

TEST_P(DecryptionTest, VerifiesAnImageOfClear) {
  ASSERT_OK(SignFor("device", {"--clear"}));
  EXPECT_NE(Image().find(GoldenPayload()), std::string::npos);
  EXPECT_OK(Verify("device"));
}

TEST_P(DecryptionTest, RefusesTheKeyOfAnotherDevice) {
  ASSERT_OK(SignFor("device"));
  MakeDevice("other");
  EXPECT_EQ(Reason("other"), "DECRYPTION_FAILED");
  ASSERT_OK(SignFor("device", {"--clear"}));
  EXPECT_EQ(Reason("other"), "DECRYPTION_FAILED");
}

TEST_P(DecryptionTest, RefusesAChangedPayload) {
  ASSERT_OK(SignFor("device"));
  std::string image = Image();
  image[0x60] = static_cast<char>(image[0x60] ^ 1);
  Write("image.bin", image);
  EXPECT_EQ(Reason("device"), "DIGEST_MISMATCH");
}

TEST_P(DecryptionTest, RefusesAnotherSignersImage) {
  ASSERT_OK(SignFor("device"));
  MakeKey("ed25519", "key.pem");
  EXPECT_EQ(Reason("device"), "KEY_UNKNOWN");
}

TEST_P(DecryptionTest, RefusesAnImageThatIsNotEncrypted) {
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  EXPECT_EQ(Reason("device"), "NOT_ENCRYPTED");
}

TEST_P(DecryptionTest, RefusesAnImageWithoutContentKey) {
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  ChangeFlags(mcuboot::flags::kEncryptedAes128, 0);
  EXPECT_EQ(Reason("device"), "CONTENT_KEY_MISSING");
}

TEST_P(DecryptionTest, RefusesFlagsOfAnotherKeyLength) {
  if (GetParam().tlv == 0x30) GTEST_SKIP() << "RSA-OAEP has one length";
  ASSERT_OK(SignFor("device"));
  const bool is_long = (ReadingOf(Image()).facts.header.flags &
                        mcuboot::flags::kEncryptedAes256) != 0;
  ChangeFlags(is_long ? mcuboot::flags::kEncryptedAes128
                      : mcuboot::flags::kEncryptedAes256,
              is_long ? mcuboot::flags::kEncryptedAes256
                      : mcuboot::flags::kEncryptedAes128);
  EXPECT_EQ(Reason("device"), "ENCRYPTION_TLV");
}

INSTANTIATE_TEST_SUITE_P(
    All, DecryptionTest,
    testing::Values(
        Scheme{"X25519", "x25519", {}, 0x33, 80},
        Scheme{"X25519Sha512",
               "x25519",
               {"--encrypt-keylen", "256", "--hmac-sha", "512"},
               0x34,
               128},
        Scheme{"P256", "ecdsa-p256", {}, 0x32, 113},
        Scheme{
            "P256Aes256", "ecdsa-p256", {"--encrypt-keylen", "256"}, 0x32, 129},
        Scheme{"Rsa2048", "rsa-2048", {}, 0x30, 256},
        Scheme{"KeyWrap", "", {}, 0x31, 24},
        Scheme{"KeyWrapAes256", "", {"--encrypt-keylen", "256"}, 0x31, 40}),
    [](const auto& row) { return std::string(row.param.name); });

class DeviceKeyTest : public SignTest {
 protected:
  DeviceKeyTest() { MakeKey("ed25519", "key.pem"); }
  absl::Status SignFor(const std::string& device) const {
    return Sign({"-k", File("key.pem"), "-E", File(device)});
  }
};

TEST_F(DeviceKeyTest, PublicKeysDecryptNothing) {
  MakeKey("x25519", "device.pem");
  ASSERT_OK(imgtool::Run({"getpub", "-k", File("device.pem"), "-e", "pem", "-o",
                          File("device.pub")}));
  ASSERT_OK(SignFor("device.pub"));
  const absl::Status status = imgtool::Run(
      {"verify", "--decrypt-key", File("device.pub"), File("image.bin")});
  EXPECT_EQ(base::ReasonOf(status), "KEY_NOT_PRIVATE");
  EXPECT_EQ(imgtool::ExitStatusOf(status), 2);
}

TEST_F(DeviceKeyTest, KeysOfTheServerAreNoDevices) {
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  const absl::Status status = imgtool::Run(
      {"verify", "--decrypt-key", "bootseal:app", File("image.bin")});
  EXPECT_EQ(base::ReasonOf(status), "KEY_IN_HSM");
}

TEST_F(DeviceKeyTest, OfAnotherKindDoesNotFitTheTlv) {
  MakeKey("x25519", "device.pem");
  MakeKey("ecdsa-p256", "other.pem");
  Write("kek", absl::Base64Escape(std::string(16, 'k')));
  ASSERT_OK(SignFor("device.pem"));
  for (const char* key : {"other.pem", "kek"}) {
    EXPECT_EQ(base::ReasonOf(imgtool::Run(
                  {"verify", "--decrypt-key", File(key), File("image.bin")})),
              "ENCRYPTION_TLV")
        << key;
  }
}

// A wrong file as key-encryption key would make an image that nobody reads.
TEST_F(DeviceKeyTest, OfNoKnownFormIsRefused) {
  for (const std::string& content :
       {std::string("no base64!"), absl::Base64Escape(std::string(15, 'k')),
        absl::Base64Escape(std::string(24, 'k')), std::string(16, 'k'),
        std::string()}) {
    Write("kek", content);
    EXPECT_EQ(base::ReasonOf(SignFor("kek")), "KEY_INVALID") << content;
  }
  EXPECT_FALSE(HasImage());
}

TEST_F(DeviceKeyTest, OfKeyWrapOpensWithAnotherImplementation) {
  const std::string kek(16, 'k');
  Write("kek", absl::Base64Escape(kek) + "\n");
  ASSERT_OK(SignFor("kek"));
  const std::string image = Image();
  const mcuboot::Reading reading = ReadingOf(image);
  const std::string content_key = imgtool::UnwrappedContentKey(
      kek, TlvOf(reading.facts.unprotected_area, 0x31));
  EXPECT_EQ(
      imgtool::Decrypted(content_key, image::host::ToString(reading.payload)),
      GoldenPayload() + std::string(3, 0));
}

TEST_F(DeviceKeyTest, GoesWithEverySigningKeyWhenItWraps) {
  Write("kek", absl::Base64Escape(std::string(16, 'k')));
  for (const char* type : {"ecdsa-p256", "ecdsa-p384", "rsa-2048"}) {
    MakeKey(type, "key.pem");
    EXPECT_OK(SignFor("kek")) << type;
  }
}

}  // namespace
}  // namespace bootseal::tests
