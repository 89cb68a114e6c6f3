// Compressed images: what they must say, and what a device makes of them.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/compression.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/plain_variant.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/compressed_image.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::image::mcuboot {
namespace {

using host::AsBytes;
using host::CheckPlainVariant;
using tests::ImageParts;
using tests::RawTlv;
using tests::StatusIs;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class Compressed : public testing::Test {
 protected:
  Compressed() { target_.rules.compression = Compression::kLzma2ArmThumb; }

  // The TLVs about the decompressed payload, to be spoilt.
  std::vector<RawTlv> Described() const {
    return tests::DecompressionTlvs(Plain());
  }
  ImageParts Plain() const {
    return tests::MakeParts(target_, tests::CompressiblePayload(20000), {});
  }
  ImageParts Parts() const { return With(Described()); }
  ImageParts With(const std::vector<RawTlv>& described) const {
    return tests::CompressedParts(target_, Plain(), described);
  }
  Error VerdictOf(const ImageParts& parts) const {
    return Verify(target_.rules, AsBytes(tests::Join(parts))).error();
  }
  absl::Status PlainStatus(const ImageParts& parts) const {
    return CheckPlainVariant(target_.rules, AsBytes(tests::Join(parts)));
  }

  tests::TestTarget target_{tests::SharedKey(Algorithm::kP256)};
};

TEST_F(Compressed, IsTakenAndSoIsWhatComesOfIt) {
  EXPECT_EQ(VerdictOf(Parts()), Error::kOk);
  EXPECT_OK(PlainStatus(Parts()));
}

TEST_F(Compressed, BecomesTheVeryImageThatWasSigned) {
  const auto plain =
      host::PlainVariantOf(target_.rules, AsBytes(tests::Join(Parts())));
  ASSERT_OK(plain);
  ASSERT_TRUE(plain->has_value());
  // Signatures differ with every making.
  const std::string expected = tests::SignedPart(Plain());
  EXPECT_EQ((*plain)->substr(0, expected.size()), expected);
}

TEST_F(Compressed, PlainImagesAreTakenToo) {
  EXPECT_EQ(VerdictOf(Plain()), Error::kOk);
  EXPECT_OK(PlainStatus(Plain()));
}

TEST_F(Compressed, IsRefusedByADeviceThatDecompressesNothing) {
  const ImageParts parts = Parts();
  target_.rules.compression = Compression::kNone;
  EXPECT_EQ(VerdictOf(parts), Error::kCompressed);
}

TEST_F(Compressed, IsRefusedByADeviceWithAnotherFilter) {
  const ImageParts parts = Parts();
  target_.rules.compression = Compression::kLzma2;
  EXPECT_EQ(VerdictOf(parts), Error::kCompressed);
}

TEST_F(Compressed, OtherFlagsAreRefused) {
  for (const std::uint32_t flags :
       {flags::kCompressedLzma1, flags::kCompressedArmThumb,
        flags::kCompressedLzma2,
        flags::kCompressedLzma1 | flags::kCompressedLzma2 |
            flags::kCompressedArmThumb}) {
    ImageParts parts = Parts();
    parts.header.flags = flags;
    tests::SignAgain(target_, parts);
    EXPECT_EQ(VerdictOf(parts), Error::kCompressed) << flags;
  }
}

TEST_F(Compressed, NeedsEveryWordAboutWhatComesOfIt) {
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<RawTlv> described = Described();
    described.erase(described.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(VerdictOf(With(described)), Error::kDecompression) << i;
  }
}

TEST_F(Compressed, NeedsEveryWordInItsLength) {
  for (std::size_t i = 0; i < 3; ++i) {
    for (const bool longer : {true, false}) {
      std::vector<RawTlv> described = Described();
      std::string& value = described[i].value;
      if (longer) {
        value.append(40, 'x');
      } else {
        value.resize(i == 2 ? 0 : value.size() - 1);
      }
      const Error verdict = VerdictOf(With(described));
      EXPECT_EQ(verdict, i == 0 ? Error::kTlvLength : Error::kDecompression)
          << i << longer;
    }
  }
}

TEST_F(Compressed, IsNotWhatAPlainImageMaySpeakOf) {
  ImageParts parts = Plain();
  parts.protected_area = tests::Area(kProtectedMagic, Described());
  tests::SignAgain(target_, parts);
  EXPECT_EQ(VerdictOf(parts), Error::kDecompression);
  target_.rules.compression = Compression::kNone;
  EXPECT_EQ(VerdictOf(parts), Error::kTlvNotAllowed);
}

TEST_F(Compressed, SpeaksOfNoPaddingThatOnlyEncryptionAdds) {
  std::vector<RawTlv> described = Described();
  described.push_back({tlv::kCompressedSize, std::string(4, '\x01')});
  EXPECT_EQ(VerdictOf(With(described)), Error::kDecompression);
}

TEST_F(Compressed, SaysNothingTwice) {
  std::vector<RawTlv> described = Described();
  described.push_back(described.front());
  EXPECT_EQ(VerdictOf(With(described)), Error::kTlvDuplicate);
}

TEST_F(Compressed, SaysNothingInTheUnprotectedArea) {
  ImageParts parts = Parts();
  parts.unprotected.push_back(Described().front());
  EXPECT_EQ(VerdictOf(parts), Error::kTlvNotAllowed);
}

TEST_F(Compressed, AnotherSizeThanComesOutIsNamed) {
  std::vector<RawTlv> described = Described();
  described[0].value[0] ^= 1;
  EXPECT_EQ(VerdictOf(With(described)), Error::kOk);
  EXPECT_THAT(PlainStatus(With(described)),
              StatusIs(kPrecondition, "DECOMPRESSED_SIZE"));
}

TEST_F(Compressed, AnotherDigestThanComesOutIsNamed) {
  std::vector<RawTlv> described = Described();
  described[1].value[0] ^= 1;
  EXPECT_EQ(VerdictOf(With(described)), Error::kOk);
  EXPECT_THAT(PlainStatus(With(described)),
              StatusIs(kPrecondition, "DIGEST_MISMATCH"));
}

TEST_F(Compressed, ASignatureOfSomethingElseIsNamed) {
  std::vector<RawTlv> described = Described();
  described[2].value = target_.key().Sign(AsBytes(std::string(32, '\x17')));
  EXPECT_EQ(VerdictOf(With(described)), Error::kOk);
  EXPECT_THAT(PlainStatus(With(described)),
              StatusIs(kPrecondition, "SIGNATURE_MISMATCH"));
}

TEST_F(Compressed, ADamagedStreamIsNamed) {
  ImageParts parts = Parts();
  parts.payload[2] = '\x7f';
  tests::SignAgain(target_, parts);
  EXPECT_THAT(PlainStatus(parts),
              StatusIs(kPrecondition, "COMPRESSION_INVALID"));
}

TEST_F(Compressed, VectorsThatAppearOnlyOnceDecompressedAreJudged) {
  target_.rules.ram_address = 0x30000000;
  target_.rules.ram_size = 0x1000;
  EXPECT_EQ(VerdictOf(Parts()), Error::kOk);
  EXPECT_THAT(PlainStatus(Parts()), StatusIs(kPrecondition, "VECTOR_TABLE"));
}

TEST_F(Compressed, MoreThanTheSlotHoldsIsNamed) {
  const ImageParts parts = Parts();
  target_.rules.slot_size = 0x2000;
  ASSERT_EQ(VerdictOf(parts), Error::kOk);
  EXPECT_THAT(PlainStatus(parts),
              StatusIs(kPrecondition, "COMPRESSION_TOO_LARGE"));
}

// Once the device decrypted it: the flag stays, and what it makes of it has the
// flag too.
class CompressedForCipher : public Compressed {
 protected:
  CompressedForCipher() {
    target_.rules.encryption = Presence::kOptional;
    target_.rules.encryption_tlv = tlv::kEncryptionP256;
  }

  ImageParts PlainWithFlag() const {
    ImageParts parts = Plain();
    parts.header.flags |= flags::kEncryptedAes128;
    tests::SignAgain(target_, parts);
    return parts;
  }
  // COMP_DEC_SIZE says where `padding` begins, or `more` bytes behind that.
  ImageParts Padded(const ImageParts& plain, const std::string& padding,
                    int more = 0) const {
    std::vector<RawTlv> described = tests::DecompressionTlvs(plain);
    described.push_back({tlv::kCompressedSize, ""});
    ImageParts parts = tests::CompressedParts(target_, plain, described);
    std::uint32_t size = static_cast<std::uint32_t>(parts.payload.size()) +
                         static_cast<std::uint32_t>(more);
    for (int i = 0; i < 4; ++i, size >>= 8) {
      described.back().value.push_back(static_cast<char>(size & 0xff));
    }
    parts.protected_area = tests::Area(kProtectedMagic, described);
    parts.payload += padding;
    parts.header.flags |= flags::kEncryptedAes128;
    tests::SignAgain(target_, parts);
    return parts;
  }
};

TEST_F(CompressedForCipher, IsTakenWithItsPaddingAndSoIsWhatComesOfIt) {
  for (const std::size_t padding : {0u, 1u, 15u}) {
    const ImageParts parts =
        Padded(PlainWithFlag(), std::string(padding, '\0'));
    EXPECT_EQ(VerdictOf(parts), Error::kOk);
    EXPECT_OK(PlainStatus(parts));
  }
}

TEST_F(CompressedForCipher, WhatComesOfItHasTheFlag) {
  EXPECT_THAT(PlainStatus(Padded(Plain(), "")),
              StatusIs(kPrecondition, "DIGEST_MISMATCH"));
}

TEST_F(CompressedForCipher, OtherPaddingIsNamed) {
  const ImageParts plain = PlainWithFlag();
  for (const std::string& padding :
       {std::string(16, '\0'), std::string("\0x", 2)}) {
    const ImageParts parts = Padded(plain, padding);
    EXPECT_EQ(VerdictOf(parts), Error::kOk);
    EXPECT_THAT(PlainStatus(parts), StatusIs(kPrecondition, "COMPRESSED_SIZE"));
  }
}

TEST_F(CompressedForCipher, AnotherSizeThanTheStreamHasIsNamed) {
  const ImageParts plain = PlainWithFlag();
  EXPECT_THAT(PlainStatus(Padded(plain, std::string(8, '\0'), 9)),
              StatusIs(kPrecondition, "COMPRESSED_SIZE"));
  EXPECT_THAT(PlainStatus(Padded(plain, std::string(8, '\0'), -1)),
              StatusIs(kPrecondition, "COMPRESSION_INVALID"));
  EXPECT_THAT(PlainStatus(Padded(plain, std::string(8, '\0'), 1)),
              StatusIs(kPrecondition, "COMPRESSION_INVALID"));
}

TEST_F(CompressedForCipher, NeedsThatSize) {
  ImageParts parts = With(tests::DecompressionTlvs(PlainWithFlag()));
  parts.header.flags |= flags::kEncryptedAes128;
  tests::SignAgain(target_, parts);
  EXPECT_EQ(VerdictOf(parts), Error::kDecompression);
}

}  // namespace
}  // namespace bootseal::image::mcuboot
