// The mistakes of people who made their own disks, made on purpose: each is
// named, and so is what mends it. Facts: fwu 7.4, rows 1 to 6.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/layout/gpt_image.h"
#include "client/release/metadata_order.h"
#include "firmware/image/host/guid.h"
#include "tests/client/layout/sample_flash.h"

namespace bootseal::layout {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint64_t kMetadata1 = 0x84400;
constexpr std::uint64_t kMetadata2 = 0xc4400;

Report CheckSd(absl::string_view bytes, std::uint32_t version = 2) {
  return CheckBytes(bytes, BuildOf("sd", version));
}

std::string WithMetadata(std::string flash, absl::string_view primary,
                         absl::string_view secondary) {
  Overwrite(flash, kMetadata1, primary);
  Overwrite(flash, kMetadata2, secondary);
  return flash;
}

void ExpectDead(const Report& report, const std::string& reason,
                const std::string& fix) {
  EXPECT_FALSE(report.bootable()) << reason;
  ASSERT_THAT(ReasonsOf(report), Contains(reason));
  EXPECT_EQ(SeverityOf(report, reason), Severity::kBootsNot);
  EXPECT_THAT(report.Find(reason)->fix, HasSubstr(fix));
}

void ExpectDegraded(const Report& report, const std::string& reason,
                    const std::string& fix) {
  EXPECT_TRUE(report.bootable()) << FormatText(report);
  ASSERT_THAT(ReasonsOf(report), ElementsAre(reason));
  EXPECT_EQ(SeverityOf(report, reason), Severity::kDegraded);
  EXPECT_THAT(report.Find(reason)->fix, HasSubstr(fix));
}

// Row 1.
TEST(LayoutMistakes, BothCopiesWithABadCrcAreNamedAndDoNotBoot) {
  std::string flash = GoodFlash("sd");
  flash[kMetadata1 + 60] ^= 1;
  flash[kMetadata2 + 61] ^= 1;
  const Report report = CheckSd(flash);
  ExpectDead(report, "METADATA_CRC", "bootseal fwu create");
  EXPECT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].offset, kMetadata1);
  EXPECT_EQ(report.findings[1].offset, kMetadata2);
  EXPECT_EQ(report.evidence.first_boot.bank, std::nullopt);
}

TEST(LayoutMistakes, OneCopyWithABadCrcBootsFromTheOther) {
  for (const std::uint64_t at : {kMetadata1, kMetadata2}) {
    std::string flash = GoodFlash("sd");
    flash[at + 60] ^= 1;
    const Report report = CheckSd(flash);
    ExpectDegraded(report, "METADATA_CRC", "bootseal-fwu repair");
    EXPECT_EQ(report.findings[0].offset, at);
    EXPECT_EQ(report.evidence.winner, at == kMetadata1
                                          ? image::fwu::Replica::kSecondary
                                          : image::fwu::Replica::kPrimary);
  }
}

TEST(LayoutMistakes, BytesBehindTheMetadataAreNobodysBusiness) {
  std::string flash = GoodFlash("sd");
  Overwrite(flash, kMetadata1 + 120, std::string(392, '\xa5'));
  EXPECT_THAT(CheckSd(flash).findings, IsEmpty());
}

// Row 2.
TEST(LayoutMistakes, MetadataThatWasNeverWrittenIsToldFromADamagedOne) {
  for (const char blank : {'\0', '\xff'}) {
    std::string flash = GoodFlash("sd");
    Overwrite(flash, kMetadata1, std::string(0x40000, blank));
    Overwrite(flash, kMetadata2, std::string(0x40000, blank));
    const Report report = CheckSd(flash);
    ExpectDead(report, "METADATA_BLANK", "bootseal fwu create");
    EXPECT_THAT(report.findings[0].found, HasSubstr("metadata1"));
    EXPECT_THAT(report.findings[1].found, HasSubstr("metadata2"));
    EXPECT_THAT(ReasonsOf(report), ElementsAre("METADATA_BLANK"));
  }
}

// Row 3.
TEST(LayoutMistakes, ADiskWithoutMetadataPartitionsNamesThem) {
  EditedDisk disk(GoodFlash("sd"));
  disk.entries().erase(disk.entries().begin() + 2, disk.entries().begin() + 4);
  const Report report = CheckSd(disk.Sealed());
  ExpectDead(report, "METADATA_PARTITION_MISSING", "256 KiB");
  EXPECT_EQ(report.findings.size(), 2u);
  EXPECT_THAT(report.findings[0].expected,
              HasSubstr("8a7a84a0-8387-40f6-ab41-a8b9a5a60d23"));
}

TEST(LayoutMistakes, MetadataUnderAnotherNameIsToBeRenamed) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Rename("metadata1", "metadata");
  ExpectDead(CheckSd(disk.Sealed()), "METADATA_PARTITION_MISSING",
             "sgdisk --change-name=3:metadata1 disk.img");
}

// Row 4: the six-entry rule.
TEST(LayoutMistakes, MetadataAtTheEndOfTheTableIsBeyondTheLimit) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Add("bootfs", 20480, 24575);
  disk.Add("rootfs", 24576, 30719);
  disk.Move("metadata1", 8);
  disk.Move("metadata2", 8);
  const Report report = CheckSd(disk.Sealed());
  ExpectDead(report, "ENTRY_LIMIT", "sgdisk --transpose=5:8 disk.img");
  EXPECT_EQ(report.findings.size(), 2u);
  EXPECT_THAT(report.findings[1].fix,
              HasSubstr("sgdisk --transpose=6:9 disk.img"));
  EXPECT_THAT(report.findings[0].expected, HasSubstr("the first 6 entries"));
}

TEST(LayoutMistakes, OnlyABankBeyondTheLimitDoesNotBootEither) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Move("u-boot-env", 4);
  const Report report = CheckSd(disk.Sealed());
  ExpectDead(report, "ENTRY_LIMIT", "sgdisk --transpose=5:7 disk.img");
  EXPECT_THAT(report.findings[0].found, HasSubstr("fip-b is entry 7"));
}

TEST(LayoutMistakes, TheLimitIsTheBoardsAndTheBuilds) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Move("u-boot-env", 0);
  const std::string flash = disk.Sealed();
  const auto entry_limit = [&](const Build& build) {
    return CheckBytes(flash, build).Find("ENTRY_LIMIT") != nullptr;
  };
  EXPECT_TRUE(entry_limit(BuildOf("sd", 2, "stm32mp157")));
  EXPECT_TRUE(entry_limit(BuildOf("sd", 2, "stm32mp135")));
  EXPECT_TRUE(entry_limit(BuildOf("sd", 2, "stm32mp1")));
  EXPECT_FALSE(entry_limit(BuildOf("sd", 2, "stm32mp257")));
  using image::host::MetadataReader;
  const Build ab{*FindBoard("stm32mp157"), *FindStore("sd"),
                 *FindGeneration(MetadataReader::kTfA216), Images::kFipAndRoot};
  EXPECT_FALSE(entry_limit(ab));
  const Build ours{*FindBoard("stm32mp157"), *FindStore("sd"),
                   *FindGeneration(MetadataReader::kBootseal)};
  EXPECT_FALSE(entry_limit(ours));
}

TEST(LayoutMistakes, WithoutRoomTheFixIsAnotherBuild) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Rename("u-boot-env", "fsbl3");
  disk.Move("fsbl3", 0);
  ExpectDead(CheckSd(disk.Sealed()), "ENTRY_LIMIT",
             "PLAT_PARTITION_MAX_ENTRIES");
}

TEST(LayoutMistakes, AnUnusedEntryEndsTheTable) {
  EditedDisk disk(GoodFlash("sd"));
  disk.entries()[1] = {};
  const Report report = CheckSd(disk.Sealed());
  ExpectDead(report, "ENTRY_GAP", "sgdisk --sort disk.img");
  EXPECT_EQ(report.Find("ENTRY_LIMIT"), nullptr);
}

TEST(LayoutMistakes, ANameBeyondLatin1EndsTheTable) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Named("fsbl2").name[0] = 0x4e2d;
  ExpectDead(CheckSd(disk.Sealed()), "ENTRY_NAME", "--change-name");
}

// Row 5.
TEST(LayoutMistakes, RegeneratedMetadataWithOtherGuidsLeadsNowhere) {
  const std::string metadata =
      SampleMetadata(2, "accepted,accepted",
                     {"fip:1c606ef5-f1ac-43b9-9bb5-d5c578580b6b,"
                      "c7d8648b-76f7-4e2b-b829-e95a83cc7b32"});
  const Report report =
      CheckSd(WithMetadata(GoodFlash("sd"), metadata, metadata));
  ExpectDead(report, "BANK_PARTITION_MISSING",
             "sgdisk --partition-guid=5:1c606ef5");
  EXPECT_EQ(SeverityOf(report, "BANK_PARTITION_MISSING"), Severity::kBootsNot);
}

TEST(LayoutMistakes, MkfwumdataWithoutGWritesGuidsThatNobodyFinds) {
  const std::string metadata =
      SampleMetadata(2, "accepted,accepted",
                     {"83dfd519-b011-7b45-be2c-7559c13142a5:"
                      "934cd84f-ef54-3f46-a7ef-ae25ff887087,"
                      "5249c509-bfd5-af45-acee-335303766fb3"});
  ExpectDead(CheckSd(WithMetadata(GoodFlash("sd"), metadata, metadata)),
             "GUID_BYTE_ORDER", "mkfwumdata with -g");
}

TEST(LayoutMistakes, BankGuidsInAnotherByteOrderAreNamed) {
  const std::string metadata =
      SampleMetadata(2, "accepted,accepted",
                     {"fip:934cd84f-ef54-3f46-a7ef-ae25ff887087,fip-b"});
  ExpectDead(CheckSd(WithMetadata(GoodFlash("sd"), metadata, metadata)),
             "GUID_BYTE_ORDER", "-g");
}

// The output of the first fwumd_tool.
TEST(LayoutMistakes, TheLastSixBytesReversedAreNamed) {
  const std::string metadata =
      SampleMetadata(1, "accepted,accepted",
                     {"19d5df83-11b0-457b-be2c-a54231c15975:"
                      "fip-a,fip-b"});
  ExpectDead(CheckSd(WithMetadata(GoodFlash("sd", 1), metadata, metadata), 1),
             "GUID_BYTE_ORDER", "fwumd_tool");
}

TEST(LayoutMistakes, OneCopyRegeneratedMakesTwoTruths) {
  const std::string other = SampleMetadata(2, "accepted,invalid");
  std::string flash = GoodFlash("sd");
  Overwrite(flash, kMetadata2, other);
  const Report report = CheckSd(flash);
  ExpectDegraded(report, "REPLICA_DIFFERS", "bootseal-fwu repair");
  EXPECT_EQ(report.evidence.winner, image::fwu::Replica::kPrimary);
}

TEST(LayoutMistakes, BanksAreFoundByGuidAndNotByOrder) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Move("fip-b", 4);
  const Report report = CheckSd(disk.Sealed());
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.evidence.banks[0].range->offset, 0x104400u);
}

TEST(LayoutMistakes, TwoPartitionsWithOneGuidAreNamed) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Named("fip-b").unique = image::guids::kFipA;
  const Report report = CheckSd(disk.Sealed());
  EXPECT_THAT(ReasonsOf(report), testing::UnorderedElementsAre(
                                     "GUID_TWICE", "BANK_PARTITION_MISSING"));
}

// Row 6, and the versions that go with a bootloader.
TEST(LayoutMistakes, MoreImagesThanTheBuildHasAreRefused) {
  const std::string metadata =
      SampleMetadata(2, "accepted,accepted",
                     {"fip:fip-a,fip-b", "bootfs:rootfs-mmc0,rootfs-mmc1"});
  const std::string flash = WithMetadata(GoodFlash("sd"), metadata, metadata);
  ExpectDead(CheckSd(flash), "METADATA_IMAGES", "--metadata-version 2");
  using image::host::MetadataReader;
  const Generation& later = *FindGeneration(MetadataReader::kTfA216);
  const Build fip{*FindBoard("stm32mp157"), *FindStore("sd"), later};
  ExpectDead(CheckBytes(flash, fip), "METADATA_IMAGES", "--ab");
  const Build ab{*FindBoard("stm32mp157"), *FindStore("sd"), later,
                 Images::kFipAndRoot};
  const Report report = CheckBytes(flash, ab);
  EXPECT_TRUE(report.bootable());
  EXPECT_THAT(ReasonsOf(report), ElementsAre("IMAGE_PARTITION_MISSING"));
}

TEST(LayoutMistakes, MetadataOfAnotherGenerationIsRefusedBothWays) {
  const Report old = CheckSd(GoodFlash("sd", 2), 1);
  ExpectDead(old, "METADATA_VERSION", "--metadata-version 1");
  EXPECT_THAT(old.findings[0].found, HasSubstr("tf-a-2.10"));
  const Report later = CheckSd(GoodFlash("sd", 1), 2);
  ExpectDead(later, "METADATA_VERSION", "--metadata-version 2");
  EXPECT_EQ(later.findings.size(), 2u);
}

TEST(LayoutMistakes, VendorDataBreaksTheCrcOfTfA) {
  release::MetadataOrder order;
  order.images = {"fip:fip-a,fip-b"};
  order.states = "accepted,accepted";
  const std::string metadata =
      *release::EncodeMetadata(*release::MakeMetadata(order), "VEND!");
  ExpectDead(CheckSd(WithMetadata(GoodFlash("sd"), metadata, metadata)),
             "VENDOR_DATA", "written to both copies");
}

TEST(LayoutMistakes, MoreBanksThanTwoAreRefused) {
  const std::string metadata =
      SampleMetadata(2, "accepted,accepted,accepted", {"fip:fip-a,fip-b,fsbl"});
  ExpectDead(CheckSd(WithMetadata(GoodFlash("sd"), metadata, metadata)),
             "METADATA_BANKS", "fip:fip-a,fip-b");
}

TEST(LayoutMistakes, AFirstImageThatIsNoFipIsRefusedUpTo215) {
  const std::string metadata =
      SampleMetadata(2, "accepted,accepted", {"bootfs:fip-a,fip-b"});
  ExpectDead(CheckSd(WithMetadata(GoodFlash("sd"), metadata, metadata)),
             "FIP_IMAGE_MISSING", "fip:fip-a,fip-b");
}

// U-Boot looks for the type.
TEST(LayoutMistakes, MetadataTypedAsBinaryIsNotFoundByUBoot) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Named("metadata1").type = image::guids::kFsbl;
  disk.Named("metadata2").type = image::guids::kFsbl;
  const Report report = CheckSd(disk.Sealed());
  ExpectDegraded(report, "METADATA_TYPE",
                 "sgdisk --typecode=3:8a7a84a0-8387-40f6-ab41-a8b9a5a60d23");
  EXPECT_EQ(report.findings.size(), 2u);
  EXPECT_THAT(report.findings[0].found, HasSubstr("Binary"));
  EXPECT_THAT(report.findings[0].expected, HasSubstr("U-Boot"));
}

TEST(LayoutMistakes, UBootTakesTheFirstOfTheTypeForThePrimary) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Move("metadata2", 2);
  ExpectDegraded(CheckSd(disk.Sealed()), "METADATA_ORDER",
                 "sgdisk --transpose=3:4");
}

}  // namespace
}  // namespace bootseal::layout
