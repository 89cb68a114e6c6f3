// What the writer refuses to write.
#include "firmware/image/mcuboot/writer.h"

#include <gtest/gtest.h>

#include <array>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::tests {
namespace {

using namespace image::mcuboot;
using image::Bytes;
using image::Digest;
using image::Error;
using image::host::AsBytes;
using image::host::NameOf;

constexpr char kHash[] = "01234567890123456789012345678901";

class WriterTest : public testing::Test {
 protected:
  WriterTest() { rules_.key_hash = AsBytes(kHash); }

  Error ProtectedError(const ProtectedTlvs& tlvs) {
    return WriteProtected(rules_, Version(), tlvs, buffer_).error();
  }
  image::Result<Bytes> Unprotected(const UnprotectedTlvs& tlvs) {
    return WriteUnprotected(rules_, Digest(AsBytes(kHash)), tlvs, buffer_);
  }

  Rules rules_;
  std::array<std::byte, 512> buffer_{};
};

TEST_F(WriterTest, TakesDecompressionTlvsForNoOthers) {
  for (const int type : {0x6f, 0x74, 0xa0, 0x50}) {
    const Vendor tlv{static_cast<std::uint16_t>(type), AsBytes("x")};
    ProtectedTlvs tlvs;
    tlvs.decompression = {&tlv, 1};
    EXPECT_EQ(NameOf(ProtectedError(tlvs)), "TLV_NOT_ALLOWED") << type;
  }
}

TEST_F(WriterTest, TakesVendorTlvsForNoOthers) {
  for (const int type : {0x01, 0x50, 0x70, 0x9f, 0xffff}) {
    const Vendor tlv{static_cast<std::uint16_t>(type), AsBytes("x")};
    ProtectedTlvs tlvs;
    tlvs.vendor = {&tlv, 1};
    EXPECT_EQ(NameOf(ProtectedError(tlvs)), "TLV_NOT_ALLOWED") << type;
  }
}

TEST_F(WriterTest, PutsDecompressionBeforeVendorTlvs) {
  const std::array<Vendor, 2> vendor{
      {{tlv::kVendorUuid, AsBytes("v")}, {0xa0, AsBytes("w")}}};
  const Vendor size{tlv::kDecompressedSize, AsBytes("size")};
  ProtectedTlvs tlvs;
  tlvs.decompression = {&size, 1};
  tlvs.vendor = vendor;
  const auto area = WriteProtected(rules_, Version(), tlvs, buffer_);
  ASSERT_TRUE(area.ok());
  std::array<std::uint16_t, 3> types{};
  std::size_t count = 0;
  for (const Tlv& tlv : Tlvs(*area)) types.at(count++) = tlv.type;
  EXPECT_EQ(types, (std::array<std::uint16_t, 3>{0x70, 0x74, 0xa0}));
}

TEST_F(WriterTest, NamesNoKeyInAnUnsignedImage) {
  const auto area = Unprotected({});
  ASSERT_TRUE(area.ok());
  EXPECT_EQ(FindTlv(*area, tlv::kKeyHash).type, 0);
  EXPECT_EQ(area->size(), 4u + 4u + 32u);
}

TEST_F(WriterTest, PutsEncryptionLast) {
  UnprotectedTlvs tlvs;
  tlvs.signature = AsBytes("signature");
  tlvs.encryption = {0x33, AsBytes("key")};
  const auto area = Unprotected(tlvs);
  ASSERT_TRUE(area.ok());
  EXPECT_TRUE(
      image::Equal(area->last(7), AsBytes(std::string("\x33\0\x03\0key", 7))));
}

TEST_F(WriterTest, RefusesASignatureOfNobody) {
  rules_.key_hash = {};
  UnprotectedTlvs tlvs;
  tlvs.signature = AsBytes("signature");
  EXPECT_EQ(NameOf(Unprotected(tlvs).error()), "RULES");
}

// The server's way to write: an image without signature never leaves it.
TEST_F(WriterTest, RefusesAnEmptySignatureWhereOneIsMeant) {
  EXPECT_EQ(
      NameOf(WriteUnprotected(rules_, Digest(AsBytes(kHash)), Bytes(), buffer_)
                 .error()),
      "SIGNATURE_LENGTH");
}

TEST_F(WriterTest, RefusesADigestOfAnotherLength) {
  EXPECT_EQ(NameOf(WriteUnprotected(rules_, Digest(AsBytes("short")),
                                    UnprotectedTlvs(), buffer_)
                       .error()),
            "RULES");
}

TEST_F(WriterTest, RefusesABufferThatIsTooSmall) {
  EXPECT_EQ(
      NameOf(WriteUnprotected(rules_, Digest(AsBytes(kHash)), UnprotectedTlvs(),
                              std::span(buffer_).first(39))
                 .error()),
      "BUFFER_TOO_SMALL");
}

}  // namespace
}  // namespace bootseal::tests
