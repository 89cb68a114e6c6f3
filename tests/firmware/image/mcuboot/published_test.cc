// Whole images whose SHA-256 was written down elsewhere (facts: mcuboot 1.17),
// made with MCUboot's public test key root-ed25519: only its public half and
// its signatures are here.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer.h"
#include "firmware/image/mcuboot/verifier.h"
#include "firmware/image/mcuboot/writer.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::mcuboot;

std::string FromHex(const char* digits) {
  return absl::HexStringToBytes(digits);
}

// 37 bytes 00 01 ... 24.
std::string CountingPayload() {
  std::string payload;
  for (int i = 0; i < 37; ++i) payload += static_cast<char>(i);
  return payload;
}

// Everything about root-ed25519 that is not secret.
class Published : public testing::Test {
 protected:
  explicit Published(HashAlgorithm hash = HashAlgorithm::kSha256)
      : key_(FromHex("302a300506032b6570032100d4b31ba49a3add3f825d10ca7f31b50b"
                     "0de87f37ccc49f1a403a5c1320ffb4e0")) {
    UseHash(hash);
    rules_.algorithm = Algorithm::kEd25519;
    rules_.public_key = AsBytes(key_);
    rules_.header_size = 0x20;
    rules_.slot_size = 0x1000;
    parts_.header.header_size = 0x20;
    parts_.header.version = {1, 2, 3, 4};
    parts_.payload = CountingPayload();
  }

  void UseHash(HashAlgorithm hash) {
    rules_.hash = hash;
    key_hash_ = image::HashOf(hash, AsBytes(key_));
    rules_.key_hash = key_hash_.bytes();
  }
  void Protect(const ProtectedTlvs& tlvs) {
    const auto area =
        WriteProtected(rules_, parts_.header.version, tlvs, buffer_);
    ASSERT_TRUE(area.ok()) << NameOf(area.error());
    parts_.protected_area = ToString(*area);
  }
  image::Digest DigestOfParts() const {
    return image::HashOf(rules_.hash, AsBytes(SignedPart(parts_)));
  }
  std::string Finish(const char* signature) {
    const auto area = WriteUnprotected(rules_, DigestOfParts(),
                                       AsBytes(FromHex(signature)), buffer_);
    EXPECT_TRUE(area.ok());
    return SignedPart(parts_) + ToString(*area);
  }
  std::string Padded(std::string image, TrailerKind kind, std::byte erased) {
    const auto trailer = WriteTrailer(rules_, kind, erased, buffer_);
    EXPECT_TRUE(trailer.ok());
    image.resize(rules_.slot_size - trailer->size(), static_cast<char>(erased));
    return image + ToString(*trailer);
  }

  std::string key_;
  image::Digest key_hash_;
  Rules rules_;
  ImageParts parts_;
  std::array<std::byte, 1024> buffer_;
};

std::string Sha256(const std::string& file) {
  return absl::BytesToHexString(
      ToString(image::HashOf(HashAlgorithm::kSha256, AsBytes(file)).bytes()));
}

// Without a key imgtool writes the digest alone: not an image that boots, but
// header and digest can be compared.
TEST_F(Published, ImageAHasOurHeaderAndDigest) {
  const std::string file =
      SignedPart(parts_) +
      Area(kUnprotectedMagic,
           {{tlv::kSha256, ToString(DigestOfParts().bytes())}});
  EXPECT_EQ(Sha256(file),
            "d6d7f2e7e1fa0479ac4e34408694ea7504a5e4f1527dfe047d1b3d410ac4465a");
  EXPECT_EQ(NameOf(Verify(rules_, AsBytes(file)).error()), "KEY_MISSING");
}

TEST_F(Published, ImageBIsWrittenWithEveryProtectedTlv) {
  parts_.header.load_address = 0x20010000;
  parts_.header.flags = flags::kRamLoad;
  const std::string vid = FromHex("0637e301e05d505b8267486f5677de9b");
  const std::string cid = FromHex("e398ebfb49d65a0aabb8deb5668107d1");
  const std::string beef = FromHex("deadbeef");
  const Dependency dependency{1, {1, 0, 0, 7}};
  const Vendor vendor[] = {{tlv::kVendorUuid, AsBytes(vid)},
                           {tlv::kClassUuid, AsBytes(cid)},
                           {0xa0, AsBytes(beef)},
                           {0xa1, AsBytes("hello")}};
  Protect({.has_security_counter = true,
           .security_counter = 0x01020003,
           .software_type = AsBytes("SPE"),
           .dependencies = std::span(&dependency, 1),
           .vendor = vendor});
  const std::string file = Finish(
      "d3e8d4542dadaee557384a4a265a9f52c58123d4cca8ed7f60db995f9213c734d1856fe1"
      "fbdfb752145f7a04e39d1fa609844cbf25f093dfaedc45e8c44faa01");
  EXPECT_EQ(Sha256(file),
            "5138815d56da2cde4eb8484e9ed95330e7695d0b84898d49283bf930aa2411fd");
}

TEST_F(Published, ImageCIsWrittenAndVerifiedWithSha512) {
  UseHash(HashAlgorithm::kSha512);
  const std::string file = Finish(
      "7b4ee20114536185f804883f459077b78e7bf752941c9ddea7ea8146a9fc5e496d0fcb22"
      "785c2d3a6c6803011bc0848f1421d59b9e5f4e6d59ea11428b09c401");
  EXPECT_EQ(Sha256(file),
            "282277aef66a1cc870cb12951d3394a844fa06c95310fb8918991a93134025d1");
  EXPECT_EQ(NameOf(Verify(rules_, AsBytes(file)).error()), "OK");
}

TEST_F(Published, ImageEIsConfirmedWithTheFullKey) {
  rules_.key_format = KeyFormat::kFull;
  rules_.header_size = 0x400;
  rules_.slot_size = 0x2000;
  parts_.header.header_size = 0x400;
  const std::string file = Padded(
      Finish(
          "d1430cbf508bb9771ee0a60e903582763b13865c29fabc2d50b09c62457a0b77"
          "ca56857927493dbfde0121a6f73b8b06d8106a38fed52a2ba15ad70f58e9620b"),
      TrailerKind::kConfirm, std::byte{0xff});
  EXPECT_EQ(Sha256(file),
            "5b74d7e233ade7dbd42a86c4ef519b560d169726df210e8a2e0ed16a9ab3f3a0");
  EXPECT_EQ(NameOf(Verify(rules_, AsBytes(file)).error()), "OK");
}

TEST_F(Published, ImageFIsPaddedWithZerosAndTheLongMagic) {
  rules_.header_size = 0x400;
  rules_.slot_size = 0x2000;
  rules_.max_align = 32;
  parts_.header.header_size = 0x400;
  parts_.padding = std::byte{0};
  const std::string file =
      Padded(SignedPart(parts_) +
                 Area(kUnprotectedMagic,
                      {{tlv::kSha256, ToString(DigestOfParts().bytes())}}),
             TrailerKind::kPad, std::byte{0});
  EXPECT_EQ(Sha256(file),
            "5583092b16b5a518ea77abdd7d9baa161e152618a96b8ee4e7a8c5f1430c9d5f");
}

TEST_F(Published, ImageGHasOurDigest) {
  Protect({.has_security_counter = true,
           .security_counter = 5,
           .software_type = {},
           .dependencies = {},
           .vendor = {}});
  EXPECT_EQ(absl::BytesToHexString(ToString(DigestOfParts().bytes())),
            "e4b1badb8b11600ac9243f1dd111213b796b539c8ebdec1b38316419713aae01");
}

}  // namespace
}  // namespace bootseal::tests
