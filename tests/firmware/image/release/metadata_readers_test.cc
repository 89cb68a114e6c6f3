#include "firmware/image/host/metadata_readers.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "base/status.h"
#include "firmware/image/host/guid.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {
namespace {

using image::fwu::Geometry;
using image::host::CheckReadableBy;
using image::host::FormatGuid;
using image::host::MetadataReader;
using image::host::NameOfGuid;
using image::host::ParseGuid;
using image::host::ParseReader;

// The field that `reader` refuses; empty when it reads everything.
std::string RefusedField(MetadataReader reader, std::uint32_t version,
                         Geometry geometry = {2, 1}, std::size_t vendor = 0) {
  const absl::Status status =
      CheckReadableBy(reader, MetadataWith(version, geometry), vendor);
  if (status.ok()) return "";
  EXPECT_EQ(base::ReasonOf(status), "METADATA_UNREADABLE");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  return base::FieldOf(status);
}

struct Takes {
  MetadataReader reader;
  const char* versions;  // 'x' for those of 0, 1 and 2 that it reads
  const char* banks;     // of 1 to 4
  const char* images;    // of 1 to 4
  bool vendor;
};

constexpr Takes kMatrix[] = {
    {MetadataReader::kBootseal, "xxx", "xxxx", "xxxx", true},
    {MetadataReader::kTfA210, "xx-", "-x--", "x---", false},
    {MetadataReader::kTfA211, "--x", "-x--", "x---", false},
    {MetadataReader::kTfA216, "--x", "-x--", "xxx-", false},
    {MetadataReader::kUBootV1, "-x-", "xxxx", "xxxx", false},
    {MetadataReader::kUBootV2, "--x", "xxxx", "xxxx", true},
    {MetadataReader::kTrustedServices, "-xx", "xxxx", "xxxx", true},
    {MetadataReader::kEdk2, "--x", "xxxx", "x---", true},
};

TEST(MetadataReaders, TakeWhatTheirRowsSay) {
  EXPECT_EQ(image::host::AllReaders().size(), std::size(kMatrix));
  for (const Takes& row : kMatrix) {
    const std::string name = NameOf(row.reader);
    const std::uint32_t good = row.versions[2] == 'x' ? 2 : 1;
    for (std::uint32_t version = 0; version < 3; ++version) {
      EXPECT_EQ(RefusedField(row.reader, version),
                row.versions[version] == 'x' ? "" : "version")
          << name << " " << version;
    }
    for (std::uint8_t n = 1; n <= 4; ++n) {
      EXPECT_EQ(RefusedField(row.reader, good, {n, 1}),
                row.banks[n - 1] == 'x' ? "" : "banks")
          << name << " " << int{n};
      EXPECT_EQ(RefusedField(row.reader, good, {2, n}),
                row.images[n - 1] == 'x' ? "" : "images")
          << name << " " << int{n};
    }
    EXPECT_EQ(RefusedField(row.reader, good, {2, 1}, 5),
              row.vendor ? "" : "vendor_bytes")
        << name;
  }
}

TEST(MetadataReaders, SayWhatTheyTakeInstead) {
  const absl::Status status =
      CheckReadableBy(MetadataReader::kTfA210, FactoryMetadata(2), 0);
  EXPECT_TRUE(absl::StrContains(
      status.message(),
      "tf-a-2.10 does not read metadata with version 2, it takes 0 or 1"))
      << status;
}

TEST(MetadataReaders, ReadNoVersionThatNobodyKnows) {
  for (const MetadataReader reader : image::host::AllReaders()) {
    for (const std::uint32_t version : {3u, 32u, 0xffffffffu}) {
      EXPECT_EQ(RefusedField(reader, version), "version");
    }
  }
}

TEST(MetadataReaders, AreFoundByTheirWords) {
  for (const MetadataReader reader : image::host::AllReaders()) {
    EXPECT_EQ(ParseReader(NameOf(reader)), reader);
  }
  for (const char* word : {"", "tf-a", "TF-A-2.10", "u-boot", "edk2 "}) {
    EXPECT_EQ(ParseReader(word), std::nullopt) << word;
  }
}

TEST(GuidText, IsMixedEndian) {
  const auto guid = ParseGuid("19d5df83-11b0-457b-be2c-7559c13142a5");
  ASSERT_TRUE(guid.has_value());
  EXPECT_EQ(*guid, image::guids::kFip);
  EXPECT_EQ(guid->bytes[0], std::byte{0x83});
  EXPECT_EQ(guid->bytes[15], std::byte{0xa5});
  EXPECT_EQ(FormatGuid(*guid), "19d5df83-11b0-457b-be2c-7559c13142a5");
  EXPECT_EQ(ParseGuid("19D5DF83-11B0-457B-BE2C-7559C13142A5"), *guid);
  EXPECT_EQ(FormatGuid({}), "00000000-0000-0000-0000-000000000000");
}

TEST(GuidText, HasNamesForThoseThatAreKnown) {
  EXPECT_EQ(NameOfGuid(image::guids::kFip), "fip");
  EXPECT_EQ(NameOfGuid(image::guids::kFipB), "fip-b");
  EXPECT_EQ(NameOfGuid(image::guids::kMetadata), "metadata");
  EXPECT_EQ(NameOfGuid(image::MakeGuid(1, 2, 3, 4, 5)),
            "00000001-0002-0003-0004-000000000005");
}

TEST(GuidText, OfAnotherFormIsRefused) {
  for (const char* text : {"", "19d5df8311b0457bbe2c7559c13142a5",
                           "19d5df83-11b0-457b-be2c-7559c13142a",
                           "19d5df83-11b0-457b-be2c-7559c13142a55",
                           "19d5df83-11b0-457b-be2c-7559c13142ag",
                           "{19d5df83-11b0-457b-be2c-7559c13142a5}",
                           "19d5df831-1b0-457b-be2c-7559c13142a5"}) {
    EXPECT_EQ(ParseGuid(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bootseal::tests
