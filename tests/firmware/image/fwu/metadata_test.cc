#include "firmware/image/fwu/metadata.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "firmware/image/crc32.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::fwu;

constexpr Geometry kTwoByOne{2, 1};

// mkfwumdata -v 2 -i 1 -b 2 -a 0 -p 1 -g "0,TYPE,A,B".
constexpr char kSample[] =
    "0ce40cc002000000000000000100000078000000"
    "20000000fcfcffff00000000020001005000180083dfd519b0117b45be2c7559c13142a5"
    "00000000000000000000000000000000934cd84fef543f46a7efae25ff8870870100000000"
    "0000005249c509bfd5af45acee335303766fb30100000000000000";

std::string ErrorOf(const std::string& bytes, Geometry expected = kTwoByOne) {
  return NameOf(ReadMetadata(AsBytes(bytes), expected).error());
}

TEST(Crc32, HasTheCheckValue) {
  EXPECT_EQ(image::Crc32Of(AsBytes("123456789")), 0xcbf43926u);
  EXPECT_EQ(image::Crc32Of({}), 0u);
  EXPECT_EQ(
      image::Crc32().Update(AsBytes("1234")).Update(AsBytes("56789")).value(),
      0xcbf43926u);
}

TEST(Metadata, IsWrittenAsOtherToolsWriteIt) {
  for (const MetadataVector& vector : MetadataVectors()) {
    const std::string bytes = Written(MetadataOf(vector), vector.vendor);
    EXPECT_EQ(bytes.size(), vector.size) << vector.what;
    EXPECT_EQ(absl::BytesToHexString(bytes.substr(0, 4)), vector.crc)
        << vector.what;
  }
}

TEST(Metadata, IsReadAsItWasWritten) {
  for (const MetadataVector& vector : MetadataVectors()) {
    const std::string bytes = Written(MetadataOf(vector), vector.vendor);
    const auto read = ReadMetadata(AsBytes(bytes), kTwoByOne);
    ASSERT_TRUE(read.ok()) << vector.what << ": " << NameOf(read.error());
    EXPECT_EQ(read->metadata, MetadataOf(vector)) << vector.what;
    EXPECT_EQ(ToString(read->vendor_data), vector.vendor) << vector.what;
    EXPECT_EQ(Written(read->metadata, ToString(read->vendor_data)), bytes);
  }
}

TEST(Metadata, OfMkfwumdataIsReadAndWrittenByteForByte) {
  const std::string sample = absl::HexStringToBytes(kSample);
  const auto read = ReadMetadata(AsBytes(sample), kTwoByOne);
  ASSERT_TRUE(read.ok()) << NameOf(read.error());
  EXPECT_EQ(read->metadata.entries()[0].type, image::guids::kFip);
  EXPECT_EQ(read->metadata.entries()[0].banks[1].guid, image::guids::kFipB);
  EXPECT_EQ(Written(read->metadata), sample);
}

TEST(Metadata, OfEveryCountSurvivesBothVersions) {
  for (const std::uint32_t version : {0u, 1u, 2u}) {
    for (std::uint8_t banks = 1; banks <= kMaxBanks; ++banks) {
      for (std::uint16_t images = 1; images <= kMaxImages; ++images) {
        const Geometry geometry{banks, images};
        const Metadata metadata = MetadataWith(version, geometry);
        const std::string bytes = Written(metadata);
        EXPECT_EQ(bytes.size(), SizeOf(version, geometry));
        const auto read = ReadMetadata(AsBytes(bytes), geometry);
        ASSERT_TRUE(read.ok()) << version << " " << int{banks} << " " << images;
        EXPECT_EQ(read->metadata, metadata);
      }
    }
  }
}

TEST(Metadata, LooksAtNothingBehindItsEnd) {
  for (const MetadataVector& vector : MetadataVectors()) {
    std::string sector = Written(MetadataOf(vector), vector.vendor);
    sector.resize(512, '\x5a');
    const auto read = ReadMetadata(AsBytes(sector), kTwoByOne);
    ASSERT_TRUE(read.ok()) << vector.what;
    EXPECT_EQ(ToString(read->vendor_data), vector.vendor);
  }
}

TEST(Metadata, CutAtAnyByteIsTruncated) {
  for (const MetadataVector& vector : MetadataVectors()) {
    const std::string bytes = Written(MetadataOf(vector), vector.vendor);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_EQ(ErrorOf(bytes.substr(0, size)), "TRUNCATED")
          << vector.what << " at " << size;
    }
  }
}

TEST(Metadata, WithAnySingleBitFlippedIsRefused) {
  for (const MetadataVector& vector : MetadataVectors()) {
    const std::string bytes = Written(MetadataOf(vector), vector.vendor);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string changed = bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      ASSERT_NE(ErrorOf(changed), "OK") << vector.what << " at bit " << bit;
    }
  }
}

// With a CRC that fits: the field's own rule has to refuse it.
struct BadField {
  const char* what;
  std::uint32_t version;
  std::size_t offset;
  std::uint8_t value;
  const char* error;
};

void PrintTo(const BadField& field, std::ostream* out) { *out << field.what; }

class MetadataRefuses : public testing::TestWithParam<BadField> {};

TEST_P(MetadataRefuses, AFieldThatBreaksItsRule) {
  const BadField& field = GetParam();
  std::string bytes = Written(FactoryMetadata(field.version));
  ASSERT_NE(static_cast<std::uint8_t>(bytes[field.offset]), field.value);
  bytes[field.offset] = static_cast<char>(field.value);
  EXPECT_EQ(ErrorOf(Sealed(bytes, bytes.size())), field.error);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, MetadataRefuses,
    testing::Values(
        BadField{"version 3", 2, 4, 3, "METADATA_VERSION"},
        BadField{"version 257", 1, 5, 1, "METADATA_VERSION"},
        BadField{"active", 2, 8, 2, "METADATA_INDEX"},
        BadField{"active, high", 2, 11, 1, "METADATA_INDEX"},
        BadField{"previous", 2, 12, 2, "METADATA_INDEX"},
        BadField{"active of version 1", 1, 8, 2, "METADATA_INDEX"},
        BadField{"previous of version 1", 1, 12, 255, "METADATA_INDEX"},
        BadField{"descriptor offset 0", 2, 20, 0, "METADATA_GEOMETRY"},
        BadField{"descriptor offset", 2, 20, 40, "METADATA_GEOMETRY"},
        BadField{"descriptor offset, high", 2, 21, 1, "METADATA_GEOMETRY"},
        BadField{"reserved 22", 2, 22, 1, "METADATA_RESERVED"},
        BadField{"reserved 23", 2, 23, 1, "METADATA_RESERVED"},
        BadField{"state of bank 0", 2, 24, 0xf8, "METADATA_STATE"},
        BadField{"state of bank 1", 2, 25, 0, "METADATA_STATE"},
        BadField{"state of no bank", 2, 26, 0xfc, "METADATA_STATE"},
        BadField{"state of no bank, the last", 2, 27, 0xfe, "METADATA_STATE"},
        BadField{"reserved 28", 2, 28, 1, "METADATA_RESERVED"},
        BadField{"reserved 31", 2, 31, 0x80, "METADATA_RESERVED"},
        BadField{"no banks", 2, 32, 0, "METADATA_GEOMETRY"},
        BadField{"one bank", 2, 32, 1, "METADATA_GEOMETRY"},
        BadField{"five banks", 2, 32, 5, "METADATA_GEOMETRY"},
        BadField{"reserved 33", 2, 33, 1, "METADATA_RESERVED"},
        BadField{"no images", 2, 34, 0, "METADATA_GEOMETRY"},
        BadField{"two images", 2, 34, 2, "METADATA_GEOMETRY"},
        BadField{"257 images", 2, 35, 1, "METADATA_GEOMETRY"},
        BadField{"size of an entry", 2, 36, 0x38, "METADATA_GEOMETRY"},
        BadField{"size of a bank", 2, 38, 0x10, "METADATA_GEOMETRY"},
        BadField{"accepted 2", 2, 0x58, 2, "METADATA_RESERVED"},
        BadField{"accepted, high bit", 2, 0x73, 0x80, "METADATA_RESERVED"},
        BadField{"reserved of bank 0", 2, 0x5c, 1, "METADATA_RESERVED"},
        BadField{"reserved of bank 1", 2, 0x77, 1, "METADATA_RESERVED"},
        BadField{"accepted 3 in version 1", 1, 0x40, 3, "METADATA_RESERVED"},
        BadField{"reserved in version 1", 1, 0x44, 1, "METADATA_RESERVED"}));

TEST(Metadata, WhoseSizeIsBelowItsHeaderIsRefused) {
  std::string bytes = Written(FactoryMetadata(2));
  bytes[16] = 31;
  EXPECT_EQ(ErrorOf(bytes), "METADATA_GEOMETRY");
  bytes[16] = 0;
  EXPECT_EQ(ErrorOf(bytes), "METADATA_GEOMETRY");
}

TEST(Metadata, WhoseSizeEndsWithinItsEntriesIsRefused) {
  for (std::uint8_t size = 32; size < 120; ++size) {
    std::string bytes = Written(FactoryMetadata(2));
    bytes[16] = static_cast<char>(size);
    ASSERT_EQ(ErrorOf(Sealed(bytes, size)), "METADATA_GEOMETRY") << int{size};
  }
}

TEST(Metadata, WhoseSizeIsEnormousIsTruncated) {
  std::string bytes = Written(FactoryMetadata(2));
  bytes[19] = '\xff';
  EXPECT_EQ(ErrorOf(bytes), "TRUNCATED");
}

TEST(Metadata, OfOtherCountsThanExpectedIsRefused) {
  const std::string two = Written(FactoryMetadata(2));
  for (const Geometry other : {Geometry{1, 1}, Geometry{3, 1}, Geometry{2, 2},
                               Geometry{2, 0}, Geometry{4, 8}}) {
    EXPECT_EQ(ErrorOf(two, other), "METADATA_GEOMETRY");
  }
  const std::string one = Written(FactoryMetadata(1));
  EXPECT_EQ(ErrorOf(one, {3, 1}), "TRUNCATED");
  EXPECT_EQ(ErrorOf(one, {1, 1}), "METADATA_CRC");
}

TEST(Metadata, IsNotReadForCountsThatNobodyHas) {
  for (const Geometry nobody :
       {Geometry{0, 1}, Geometry{5, 1}, Geometry{2, 9}, Geometry{255, 65535}}) {
    EXPECT_EQ(ErrorOf(Written(FactoryMetadata(2)), nobody),
              "METADATA_GEOMETRY");
    EXPECT_EQ(ErrorOf(Written(FactoryMetadata(1)), nobody),
              "METADATA_GEOMETRY");
  }
  EXPECT_EQ(ErrorOf(Written(FactoryMetadata(1)), {2, 0}), "METADATA_GEOMETRY");
}

TEST(Metadata, SaysItsOwnCountsInVersion2Alone) {
  const Metadata metadata = MetadataWith(2, {3, 4});
  const auto read = ReadMetadata(AsBytes(Written(metadata)));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->metadata, metadata);
  for (const std::uint32_t version : {0u, 1u}) {
    const std::string bytes = Written(FactoryMetadata(version));
    EXPECT_EQ(NameOf(ReadMetadata(AsBytes(bytes)).error()), "METADATA_VERSION");
  }
  EXPECT_EQ(NameOf(ReadMetadata({}).error()), "TRUNCATED");
}

TEST(Metadata, WithoutDescriptorHasStatesAlone) {
  Metadata metadata = FactoryMetadata(2);
  metadata.images = {};
  metadata.geometry = {4, 0};
  const std::string bytes = Written(metadata);
  ASSERT_EQ(bytes.size(), 32u);
  const auto read = ReadMetadata(AsBytes(bytes));
  ASSERT_TRUE(read.ok()) << NameOf(read.error());
  EXPECT_EQ(read->metadata, metadata);
  EXPECT_EQ(ErrorOf(bytes), "METADATA_GEOMETRY");
  EXPECT_EQ(ErrorOf(bytes, {2, 0}), "OK");
}

std::string WriteError(const Metadata& metadata, const char* vendor = "",
                       std::size_t room = 2048) {
  std::array<std::byte, 2048> buffer;
  return NameOf(
      WriteMetadata(metadata, AsBytes(vendor), std::span(buffer).first(room))
          .error());
}

TEST(Metadata, ThatNobodyCouldReadIsNotWritten) {
  const auto changed = [](auto change) {
    Metadata metadata = FactoryMetadata(2);
    change(metadata);
    return WriteError(metadata);
  };
  EXPECT_EQ(changed([](Metadata& m) { m.version = 3; }), "METADATA_VERSION");
  EXPECT_EQ(changed([](Metadata& m) { m.active = 2; }), "METADATA_INDEX");
  EXPECT_EQ(changed([](Metadata& m) { m.previous = 9; }), "METADATA_INDEX");
  EXPECT_EQ(changed([](Metadata& m) { m.geometry.banks = 0; }),
            "METADATA_GEOMETRY");
  EXPECT_EQ(changed([](Metadata& m) { m.geometry.banks = 5; }),
            "METADATA_GEOMETRY");
  EXPECT_EQ(changed([](Metadata& m) { m.geometry.images = 9; }),
            "METADATA_GEOMETRY");
  EXPECT_EQ(changed([](Metadata& m) { m.states[1] = BankState{0xf0}; }),
            "METADATA_STATE");
  EXPECT_EQ(changed([](Metadata& m) { m.states[3] = BankState::kValid; }),
            "METADATA_STATE");
}

TEST(Metadata, IsNotWrittenWithoutRoom) {
  for (std::size_t room = 0; room < 125; ++room) {
    ASSERT_EQ(WriteError(FactoryMetadata(2), "VEND!", room),
              "BUFFER_TOO_SMALL");
  }
  EXPECT_EQ(WriteError(FactoryMetadata(2), "VEND!", 125), "OK");
}

TEST(Metadata, OfVersion1HasNoVendorData) {
  EXPECT_EQ(WriteError(FactoryMetadata(1), "V"), "METADATA_VERSION");
  EXPECT_EQ(WriteError(FactoryMetadata(0), "V"), "METADATA_VERSION");
}

TEST(Metadata, OfVersion1DeducesStatesFromEveryImage) {
  Metadata metadata = MetadataWith(1, {3, 2});
  metadata.images[1].banks[2].accepted = false;
  const auto read = ReadMetadata(AsBytes(Written(metadata)), {3, 2});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->metadata.states[0], BankState::kAccepted);
  EXPECT_EQ(read->metadata.states[2], BankState::kValid);
  EXPECT_EQ(read->metadata.states[3], BankState::kInvalid);
}

}  // namespace
}  // namespace bootseal::tests
