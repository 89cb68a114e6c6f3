#include "client/cli/encrypted_image.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/acceptance.h"
#include "client/cli/device_key.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "server/trust/profile.h"
#include "tests/client/imgtool/independent_decryption.h"
#include "tests/support/compressed_image.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_image.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using absl::StatusCode;
using image::host::AsBytes;
using image::host::ToString;
using imgtool::Key;
using imgtool::KeyKind;
using tests::StatusIs;

constexpr std::size_t kHeaderBytes = 0x40;
constexpr std::size_t kPayloadBytes = 4096;

v1::Profile ProfileWith(v1::KeyExchange exchange, std::uint32_t bits) {
  v1::Profile profile;
  profile.set_algorithm(v1::P256);
  profile.set_public_key(
      tests::SharedKey(image::Algorithm::kP256).public_key());
  v1::Target& target = *profile.mutable_target();
  target.set_name("app");
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.set_header_size(kHeaderBytes);
  format.set_slot_size(0x4000);
  format.set_strategy(v1::OVERWRITE_ONLY);
  format.mutable_encryption()->set_key_bits(bits);
  format.mutable_encryption()->set_key_exchange(exchange);
  return profile;
}

// What the server answered for the profile, with the payload put in.
struct Accepted {
  v1::SignReply reply;
  AssembledImage image;
};

Accepted AcceptedFor(const v1::Profile& profile) {
  tests::TestTarget target(tests::SharedKey(image::Algorithm::kP256));
  const auto made = trust::McubootProfile::Make(profile);
  EXPECT_OK(made);
  target.rules = (*made)->rules();
  tests::ImageParts parts =
      tests::MakeParts(target, tests::TestPayload(kPayloadBytes), {});
  parts.header.flags = target.rules.encryption_key_bits == 256
                           ? mcuboot::flags::kEncryptedAes256
                           : mcuboot::flags::kEncryptedAes128;
  tests::SignAgain(target, parts);
  Accepted accepted;
  *accepted.reply.mutable_profile() = profile;
  accepted.reply.mutable_fill()->set_erased_byte(0xff);
  accepted.image.bytes = tests::Join(parts);
  accepted.image.image_end = accepted.image.bytes.size();
  accepted.image.trailer_begin = accepted.image.bytes.size();
  EXPECT_OK(Judge(profile, accepted.image.bytes));
  return accepted;
}

std::string PlainImageFor(const v1::Profile& profile) {
  tests::TestTarget target(tests::SharedKey(image::Algorithm::kP256));
  const auto made = trust::McubootProfile::Make(profile);
  EXPECT_OK(made);
  target.rules = (*made)->rules();
  return tests::MakeImage(target, tests::TestPayload(kPayloadBytes), {});
}

void Pad(Accepted& accepted, std::size_t size) {
  AssembledImage& image = accepted.image;
  accepted.reply.mutable_fill()->set_file_size(size);
  accepted.reply.mutable_fill()->set_trailer("TRAILER");
  image.trailer_begin = size - 7;
  image.bytes.resize(image.trailer_begin, '\xff');
  image.bytes += "TRAILER";
}

// A file that is there as long as the object.
class KeyFile {
 public:
  explicit KeyFile(const std::string& content) {
    EXPECT_OK(base::WriteFileAtomically(path(), content));
  }
  std::string path() const { return folder_.File("device.pem"); }

 private:
  tests::TemporaryFolder folder_;
};

absl::StatusOr<imgtool::DeviceKey> LoadFor(const std::string& content,
                                           const v1::Profile& profile) {
  const KeyFile file(content);
  return LoadDeviceKey(file.path(), profile.target(), nullptr);
}

std::string PayloadIn(const std::string& image) {
  return image.substr(kHeaderBytes, kPayloadBytes);
}

std::string ContentKeyTlv(const std::string& image, std::uint16_t type) {
  const mcuboot::Reading reading =
      mcuboot::ReadImage(AsBytes(image), image::HashAlgorithm::kSha256);
  EXPECT_EQ(reading.error, image::Error::kOk);
  return ToString(mcuboot::FindTlv(reading.facts.unprotected_area, type).value);
}

struct SchemeCase {
  const char* name;
  v1::KeyExchange exchange;
  KeyKind kind;
  std::uint16_t tlv;
  std::string (*content_key)(EVP_PKEY*, const std::string&);
};

std::ostream& operator<<(std::ostream& out, const SchemeCase& scheme) {
  return out << scheme.name;
}

template <std::size_t kMac>
std::string Ecies(EVP_PKEY* key, const std::string& tlv) {
  return imgtool::EciesContentKey(key, tlv, kMac);
}

class EncryptedFor : public testing::TestWithParam<SchemeCase> {};

TEST_P(EncryptedFor, TheDeviceDecryptsToWhatWasSigned) {
  for (const std::uint32_t bits : {128u, 256u}) {
    const v1::Profile profile = ProfileWith(GetParam().exchange, bits);
    const auto key = Key::Generate(GetParam().kind);
    ASSERT_OK(key);
    const auto device = LoadFor(key->PublicPem(), profile);
    ASSERT_OK(device);
    const Accepted accepted = AcceptedFor(profile);
    const auto made = EncryptImage(accepted.image, accepted.reply, *device,
                                   PayloadForm::kEncrypted);
    ASSERT_OK(made);
    const std::string plain = PayloadIn(accepted.image.bytes);
    EXPECT_NE(PayloadIn(made->bytes), plain);
    const std::string content_key = GetParam().content_key(
        key->get(), ContentKeyTlv(made->bytes, GetParam().tlv));
    EXPECT_EQ(content_key.size(), bits / 8);
    EXPECT_EQ(imgtool::Decrypted(content_key, PayloadIn(made->bytes)), plain);
    EXPECT_THAT(JudgeFile(profile, made->bytes),
                StatusIs(StatusCode::kFailedPrecondition, "PAYLOAD_ENCRYPTED"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, EncryptedFor,
    testing::Values(SchemeCase{"EciesP256", v1::ECIES_P256, KeyKind::kP256,
                               0x32, Ecies<32>},
                    SchemeCase{"EciesX25519", v1::ECIES_X25519,
                               KeyKind::kX25519, 0x33, Ecies<32>},
                    SchemeCase{"EciesX25519Sha512", v1::ECIES_X25519_SHA512,
                               KeyKind::kX25519, 0x34, Ecies<64>},
                    SchemeCase{"RsaOaep", v1::RSA_OAEP, KeyKind::kRsa2048, 0x30,
                               imgtool::OaepContentKey}),
    [](const auto& each) { return each.param.name; });

TEST(EncryptedImage, OfAKeyEncryptionKeyIsUnwrappedWithIt) {
  const v1::Profile profile = ProfileWith(v1::AES_KW, 128);
  const std::string kek = "0123456789abcdef";
  const auto device = LoadFor(absl::Base64Escape(kek), profile);
  ASSERT_OK(device);
  const Accepted accepted = AcceptedFor(profile);
  const auto made = EncryptImage(accepted.image, accepted.reply, *device,
                                 PayloadForm::kEncrypted);
  ASSERT_OK(made);
  const std::string content_key =
      imgtool::UnwrappedContentKey(kek, ContentKeyTlv(made->bytes, 0x31));
  EXPECT_EQ(imgtool::Decrypted(content_key, PayloadIn(made->bytes)),
            PayloadIn(accepted.image.bytes));
}

class Encrypted : public testing::Test {
 protected:
  Encrypted()
      : key_(*Key::Generate(KeyKind::kP256)),
        device_(*LoadFor(key_.PublicPem(), profile_)),
        accepted_(AcceptedFor(profile_)) {}

  absl::StatusOr<AssembledImage> Encrypt(
      PayloadForm form = PayloadForm::kEncrypted) {
    return EncryptImage(accepted_.image, accepted_.reply, device_, form);
  }

  const v1::Profile profile_ = ProfileWith(v1::ECIES_P256, 128);
  const Key key_;
  const imgtool::DeviceKey device_;
  Accepted accepted_;
};

TEST_F(Encrypted, LeavesAllThatWasSignedAndAddsOneTlv) {
  const auto made = Encrypt();
  ASSERT_OK(made);
  const std::string& before = accepted_.image.bytes;
  const std::string& after = made->bytes;
  ASSERT_EQ(after.size(), before.size() + 4 + 113);
  EXPECT_EQ(after.substr(0, kHeaderBytes), before.substr(0, kHeaderBytes));
  // Behind the area's info header.
  const std::size_t tlvs = kHeaderBytes + kPayloadBytes + 4;
  EXPECT_EQ(after.substr(tlvs, before.size() - tlvs), before.substr(tlvs));
  EXPECT_EQ(made->image_end, after.size());
}

TEST_F(Encrypted, InTheClearIsBootableAsItIs) {
  const auto made = Encrypt(PayloadForm::kClear);
  ASSERT_OK(made);
  EXPECT_EQ(PayloadIn(made->bytes), PayloadIn(accepted_.image.bytes));
  EXPECT_OK(JudgeFile(profile_, made->bytes));
}

TEST_F(Encrypted, KeepsTheSizeOfThePaddedFileAndItsTrailer) {
  Pad(accepted_, 0x4000);
  const auto made = Encrypt();
  ASSERT_OK(made);
  EXPECT_EQ(made->bytes.size(), 0x4000U);
  EXPECT_EQ(made->bytes.substr(0x4000 - 7), "TRAILER");
  EXPECT_EQ(made->bytes.substr(made->image_end, 100), std::string(100, '\xff'));
}

TEST_F(Encrypted, DoesNotGrowIntoTheTrailer) {
  Pad(accepted_, accepted_.image.image_end + 7 + 116);
  EXPECT_THAT(Encrypt(),
              StatusIs(StatusCode::kFailedPrecondition, "IMAGE_TOO_LARGE"));
}

TEST_F(Encrypted, IsNeverMadeOfAnImageThatIsNotTheSignedOne) {
  accepted_.image.bytes[kHeaderBytes + 9] ^= 1;
  EXPECT_FALSE(Encrypt().ok());
}

TEST_F(Encrypted, IsNeverMadeOfAnImageThatDoesNotSayIt) {
  accepted_.image.bytes = PlainImageFor(profile_);
  accepted_.image.image_end = accepted_.image.bytes.size();
  accepted_.image.trailer_begin = accepted_.image.bytes.size();
  ASSERT_OK(Judge(profile_, accepted_.image.bytes));
  EXPECT_THAT(Encrypt(),
              StatusIs(StatusCode::kFailedPrecondition, "ENCRYPTION_TLV"));
}

TEST_F(Encrypted, HasTheSchemeOfTheTargetThatSigned) {
  *accepted_.reply.mutable_profile() = ProfileWith(v1::ECIES_X25519, 128);
  EXPECT_THAT(Encrypt(),
              StatusIs(StatusCode::kInvalidArgument, "ENCRYPTION_KEY_TYPE"));
}

TEST(JudgeFile, RefusesAnImageThatSaysItIsEncryptedAndHasNoContentKey) {
  const v1::Profile profile = ProfileWith(v1::ECIES_P256, 128);
  EXPECT_THAT(JudgeFile(profile, AcceptedFor(profile).image.bytes),
              StatusIs(StatusCode::kFailedPrecondition, "ENCRYPTION_TLV"));
}

TEST(JudgeFile, JudgesWhatComesOfACompressedImage) {
  v1::Profile profile = ProfileWith(v1::ECIES_P256, 128);
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_strategy(v1::OVERWRITE_ONLY);
  format.set_compression(v1::LZMA2);
  tests::TestTarget target(tests::SharedKey(image::Algorithm::kP256));
  const auto made = trust::McubootProfile::Make(profile);
  ASSERT_OK(made);
  target.rules = (*made)->rules();
  const tests::ImageParts plain =
      tests::MakeParts(target, tests::CompressiblePayload(kPayloadBytes), {});
  auto described = tests::DecompressionTlvs(plain);
  EXPECT_OK(JudgeFile(
      profile, tests::Join(tests::CompressedParts(target, plain, described))));
  described[1].value[0] ^= 1;
  EXPECT_THAT(JudgeFile(profile, tests::Join(tests::CompressedParts(
                                     target, plain, described))),
              StatusIs(StatusCode::kFailedPrecondition, "DIGEST_MISMATCH"));
}

TEST(JudgeFile, CallsADamagedPlainImageDamaged) {
  const v1::Profile profile = ProfileWith(v1::ECIES_P256, 128);
  std::string image = PlainImageFor(profile);
  EXPECT_OK(JudgeFile(profile, image));
  image[kHeaderBytes + 9] ^= 1;
  EXPECT_THAT(JudgeFile(profile, image),
              StatusIs(StatusCode::kFailedPrecondition, "DIGEST_MISMATCH"));
}

TEST(DeviceKey, OfAnotherKindIsRefusedByName) {
  const auto key = Key::Generate(KeyKind::kX25519);
  ASSERT_OK(key);
  const auto device =
      LoadFor(key->PublicPem(), ProfileWith(v1::ECIES_P256, 128));
  EXPECT_THAT(device,
              StatusIs(StatusCode::kInvalidArgument, "ENCRYPTION_KEY_TYPE"));
  EXPECT_THAT(device.status(),
              tests::MessageHas("target app decrypts with ecdsa-p256"));
  EXPECT_THAT(device.status(), tests::MessageHas("is x25519"));
}

TEST(DeviceKey, IsRefusedByATargetThatDecryptsNothing) {
  v1::Profile profile = ProfileWith(v1::ECIES_P256, 128);
  profile.mutable_target()->mutable_mcuboot()->clear_encryption();
  EXPECT_THAT(LoadFor("", profile),
              StatusIs(StatusCode::kInvalidArgument, "ENCRYPTION_NOT_ALLOWED"));
}

std::string Kek(std::size_t bytes) {
  return absl::Base64Escape(std::string(bytes, 'k'));
}

TEST(DeviceKey, ThatIsAKeyEncryptionKeyIsAsLongAsTheContentKey) {
  EXPECT_OK(LoadFor(Kek(16), ProfileWith(v1::AES_KW, 128)));
  EXPECT_OK(LoadFor(Kek(32) + "\n", ProfileWith(v1::AES_KW, 256)));
  const auto shorter = LoadFor(Kek(16), ProfileWith(v1::AES_KW, 256));
  EXPECT_THAT(shorter, StatusIs(StatusCode::kInvalidArgument, "KEK_LENGTH"));
  EXPECT_THAT(shorter.status(), tests::MessageHas("of 256 bits"));
  EXPECT_THAT(LoadFor(Kek(32), ProfileWith(v1::AES_KW, 128)),
              StatusIs(StatusCode::kInvalidArgument, "KEK_LENGTH"));
}

TEST(DeviceKey, OfAnotherLengthOrNotInBase64IsNoKeyEncryptionKey) {
  const v1::Profile profile = ProfileWith(v1::AES_KW, 256);
  for (const std::size_t size : {0u, 15u, 17u, 24u, 33u}) {
    EXPECT_THAT(LoadFor(Kek(size), profile),
                StatusIs(StatusCode::kFailedPrecondition, "KEY_INVALID"));
  }
  EXPECT_THAT(LoadFor(std::string(32, '\xfe'), profile),
              StatusIs(StatusCode::kFailedPrecondition, "KEY_INVALID"));
}

TEST(DeviceKey, ThatIsAKeyEncryptionKeyIsNoneOfATargetWithKeyPairs) {
  const auto device = LoadFor(Kek(16), ProfileWith(v1::ECIES_P256, 128));
  EXPECT_THAT(device,
              StatusIs(StatusCode::kInvalidArgument, "ENCRYPTION_KEY_TYPE"));
  EXPECT_THAT(device.status(), tests::MessageHas("is a key-encryption key"));
}

TEST(DeviceKey, ThatIsAPairIsNoneOfATargetWithKeyWrap) {
  const auto key = Key::Generate(KeyKind::kP256);
  ASSERT_OK(key);
  EXPECT_THAT(LoadFor(key->PublicPem(), ProfileWith(v1::AES_KW, 128)),
              StatusIs(StatusCode::kInvalidArgument, "ENCRYPTION_KEY_TYPE"));
}

TEST(Padding, FillsTheLastBlockOfHeaderAndPayload) {
  v1::McubootFormat format;
  format.set_header_size(0x404);
  const auto padded = [&format](std::size_t size, v1::Compression compression) {
    return PaddedForCipher(format, {std::string(size, 'x'), compression}).bytes;
  };
  constexpr v1::Compression kPlain = v1::COMPRESSION_UNSPECIFIED;
  EXPECT_EQ(padded(12, kPlain), std::string(12, 'x'));
  EXPECT_EQ(padded(13, kPlain), std::string(13, 'x') + std::string(15, '\0'));
  format.set_payload_has_header_room(true);
  EXPECT_EQ(padded(0x405, kPlain).size(), 0x410U);
  EXPECT_EQ(padded(0x405, v1::LZMA2).size(), 0x40cU);
}

}  // namespace
}  // namespace bootseal::cli
