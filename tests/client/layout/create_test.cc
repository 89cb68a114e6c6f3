// Flash that is made: where everything lies, that it boots, and what is
// refused.
#include "client/layout/create.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/byte_source.h"
#include "client/layout/gpt_image.h"
#include "client/release/metadata_order.h"
#include "firmware/image/gpt/gpt.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"
#include "tests/client/layout/sample_flash.h"

namespace bootseal::layout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kGuid[] = "11111111-2222-4333-8444-555555555555";

std::string ReasonOf(const CreateOrder& order) {
  return base::ReasonOf(CreateFlash(order, "disk.img").status());
}

CreateOrder SdOrder() { return WholeOrder(BuildOf("sd")); }

struct Case {
  const char* store;
  std::uint32_t version;
};

class LayoutCreate : public testing::TestWithParam<Case> {};

TEST_P(LayoutCreate, BootsBankAAndHasNoFinding) {
  const Case& each = GetParam();
  const Report report = CheckBytes(GoodFlash(each.store, each.version),
                                   BuildOf(each.store, each.version));
  EXPECT_THAT(report.findings, IsEmpty()) << FormatText(report);
  EXPECT_EQ(report.evidence.first_boot.bank, 0);
  EXPECT_EQ(report.evidence.later.bank, 0);
  EXPECT_EQ(report.evidence.banks[1].content->size, SampleFip(2000).size());
}

TEST_P(LayoutCreate, IsTheSameEachTime) {
  const Case& each = GetParam();
  auto again = CreateFlash(WholeOrder(BuildOf(each.store, each.version)), "x");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(BytesOf(again->image), GoodFlash(each.store, each.version));
}

TEST_P(LayoutCreate, WithNothingGivenNamesWhatHasToCome) {
  const Case& each = GetParam();
  const Build build = BuildOf(each.store, each.version);
  auto created = CreateFlash(CreateOrder{build}, "disk.img");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_FALSE(created->report.bootable());
  if (build.store.has_fsbl) {
    EXPECT_THAT(created->empty, ElementsAre("fsbl1", "fsbl2", "fip-a"));
  } else {
    EXPECT_THAT(created->empty, ElementsAre("fip-a"));
  }
  EXPECT_FALSE(CheckBytes(BytesOf(created->image), build).bootable());
}

TEST_P(LayoutCreate, RefusesContentThatIsNone) {
  CreateOrder order = WholeOrder(BuildOf(GetParam().store, GetParam().version));
  order.fip_a = "no FIP";
  EXPECT_EQ(ReasonOf(order), "FIP_MAGIC");
  order.fip_a = SampleFip();
  order.fip_b = std::string(600, '\xff');
  EXPECT_EQ(ReasonOf(order), "FIP_BLANK");
  order.fip_b = SampleFip(5 << 20);
  EXPECT_EQ(ReasonOf(order), "PLACE_TOO_SMALL");
}

TEST_P(LayoutCreate, RefusesMetadataThatItsBootloaderWouldNotRead) {
  const Build build = BuildOf(GetParam().store, GetParam().version);
  CreateOrder order = WholeOrder(build);
  order.metadata = SampleMetadata(3 - GetParam().version, "accepted,accepted");
  EXPECT_EQ(ReasonOf(order), "METADATA_VERSION");
  order.metadata = SampleMetadata(GetParam().version, "accepted,accepted");
  order.metadata[50] ^= 1;
  EXPECT_EQ(ReasonOf(order), "METADATA_CRC");
  order.metadata = "short";
  EXPECT_EQ(ReasonOf(order), "TRUNCATED");
  order.metadata = SampleMetadata(GetParam().version, "accepted,accepted",
                                  {"linux:fip-a,fip-b"});
  EXPECT_EQ(ReasonOf(order), "FIP_IMAGE_MISSING");
}

INSTANTIATE_TEST_SUITE_P(Stores, LayoutCreate,
                         testing::Values(Case{"sd", 1}, Case{"sd", 2},
                                         Case{"emmc", 1}, Case{"emmc", 2},
                                         Case{"nor", 1}, Case{"nor", 2},
                                         Case{"nand", 1}, Case{"nand", 2}),
                         [](const auto& each) {
                           return absl::StrCat(each.param.store, "Version",
                                               each.param.version);
                         });

// Facts: fwu 2.6, the last column of which was checked with sgdisk.
TEST(LayoutPlaces, OfAnSdCardAreThoseOfOpenStLinux) {
  const Report report = CheckBytes(GoodFlash("sd"), BuildOf("sd"));
  const TableCopy& table = report.evidence.table.primary;
  EXPECT_EQ(FindByName(table, "fsbl1")->partition.first, 34u);
  EXPECT_EQ(FindByName(table, "metadata1")->partition.first, 1058u);
  EXPECT_EQ(FindByName(table, "metadata2")->partition.first, 1570u);
  EXPECT_EQ(FindByName(table, "fip-a")->partition.first, 2082u);
  EXPECT_EQ(FindByName(table, "fip-b")->partition.first, 10274u);
  EXPECT_EQ(FindByName(table, "fip-a")->partition.unique, image::guids::kFipA);
  EXPECT_EQ(FindByName(table, "fip-b")->partition.type, image::guids::kFip);
}

TEST(LayoutPlaces, OfEveryStoreFollowEachOtherWithoutOverlap) {
  for (const StoreLayout& store : Stores()) {
    std::uint64_t end = 0;
    for (const Place& place : store.places) {
      EXPECT_GE(place.offset, end) << store.name << place.name;
      EXPECT_EQ(place.size % 0x40000, 0u) << store.name << place.name;
      end = place.offset + place.size;
    }
  }
}

TEST(LayoutPlaces, OfRawFlashAreErasedWhereNothingIs) {
  const std::string& nor = GoodFlash("nor");
  EXPECT_EQ(nor.substr(0x80000, 120), nor.substr(0xc0000, 120));
  EXPECT_EQ(nor.substr(0x80000 + 120, 8), std::string(8, '\xff'));
  EXPECT_EQ(nor.substr(nor.size() - 8), std::string(8, '\xff'));
  EXPECT_EQ(nor.substr(0x100000, SampleFip(1000).size()), SampleFip(1000));
  const std::string& nand = GoodFlash("nand");
  EXPECT_EQ(nand.substr(0xa00000, SampleFip(2000).size()), SampleFip(2000));
  EXPECT_EQ(nand.substr(0xe00000, SampleFip(2000).size()), SampleFip(2000));
}

TEST(LayoutOrder, PlacesMorePartitionsBehindTheSix) {
  CreateOrder order = SdOrder();
  order.partitions = {*ParsePartition("bootfs:4M:linux"),
                      *ParsePartition(absl::StrCat("rootfs:1G:linux:", kGuid))};
  auto created = CreateFlash(order, "disk.img");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->report.findings, IsEmpty());
  EXPECT_EQ(created->image.size(), std::uint64_t{2} << 30);
  const TableCopy& table = created->report.evidence.table.primary;
  const Entry* bootfs = FindByName(table, "bootfs");
  ASSERT_NE(bootfs, nullptr);
  EXPECT_EQ(bootfs->number, 8u);
  EXPECT_EQ(bootfs->offset() % (1 << 20), 0u);
  EXPECT_EQ(bootfs->size(), 4u << 20);
  EXPECT_EQ(FindByUnique(table, *image::host::ParseGuid(kGuid))->name,
            "rootfs");
}

TEST(LayoutOrder, TakesGuidsOfTheDiskAndOfTheBanks) {
  CreateOrder order = SdOrder();
  order.disk = image::host::ParseGuid(kGuid);
  order.metadata = SampleMetadata(2, "accepted,accepted",
                                  {absl::StrCat("fip:", kGuid, ",fip-b")});
  auto created = CreateFlash(order, "disk.img");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->report.findings, IsEmpty());
  const TableCopy& table = created->report.evidence.table.primary;
  EXPECT_EQ(image::host::FormatGuid(table.header.disk), kGuid);
  EXPECT_EQ(FindByUnique(table, *image::host::ParseGuid(kGuid))->name, "fip-a");
}

TEST(LayoutOrder, KeepsNothingOfWhatFollowsTheMetadataInItsFile) {
  CreateOrder order = SdOrder();
  order.metadata =
      SampleMetadata(2, "accepted,accepted") + std::string(1000, '\xa5');
  auto created = CreateFlash(order, "disk.img");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(BytesOf(created->image), GoodFlash("sd"));
}

TEST(LayoutOrder, RefusesAnyBanksButTfAsOnRawFlash) {
  CreateOrder order = WholeOrder(BuildOf("nor"));
  order.metadata = SampleMetadata(2, "accepted,accepted",
                                  {absl::StrCat("fip:", kGuid, ",fip-b")});
  EXPECT_EQ(ReasonOf(order), "BANK_GUID_UNKNOWN");
}

TEST(LayoutOrder, RefusesWhatAStoreOrABoardDoesNotHave) {
  CreateOrder order = SdOrder();
  const Build mp2 = BuildOf("sd", 2, "stm32mp257");
  EXPECT_EQ(ReasonOf(CreateOrder{mp2}), "LAYOUT_UNKNOWN");
  CreateOrder emmc = WholeOrder(BuildOf("emmc"));
  emmc.fsbl = SampleFsbl();
  EXPECT_EQ(ReasonOf(emmc), "FSBL_PLACE");
  CreateOrder nand = WholeOrder(BuildOf("nand"));
  nand.partitions = {*ParsePartition("ubi:1M:linux")};
  EXPECT_EQ(ReasonOf(nand), "PARTITION_PLACE");
  nand.partitions.clear();
  nand.disk = image::guids::kFip;
  EXPECT_EQ(ReasonOf(nand), "PARTITION_PLACE");
  order.fsbl = SampleFsbl(0x00020000);
  EXPECT_EQ(ReasonOf(order), "FSBL_HEADER_VERSION");
  order.fsbl = SampleFsbl() + std::string(1 << 20, 'x');
  EXPECT_EQ(ReasonOf(order), "PLACE_TOO_SMALL");
}

TEST(LayoutOrder, RefusesNamesAndGuidsThatAreThere) {
  CreateOrder order = SdOrder();
  order.partitions = {*ParsePartition("fip-a:1M:linux")};
  EXPECT_EQ(ReasonOf(order), "NAME_TWICE");
  order.partitions = {*ParsePartition("a:1M:linux"),
                      *ParsePartition("a:1M:linux")};
  EXPECT_EQ(ReasonOf(order), "NAME_TWICE");
  order.partitions = {*ParsePartition("a:1M:linux:fip-b")};
  EXPECT_EQ(ReasonOf(order), "GUID_TWICE");
}

TEST(LayoutOrder, RefusesAFlashThatIsTooSmallOrNoSectors) {
  CreateOrder order = SdOrder();
  for (const std::uint64_t size :
       {std::uint64_t{512}, std::uint64_t{8} << 20,
        (std::uint64_t{16} << 20) + 1, std::uint64_t{8} << 40}) {
    order.size = size;
    EXPECT_EQ(ReasonOf(order), "SIZE_INVALID") << size;
  }
  order.size = std::uint64_t{11} << 20;
  EXPECT_EQ(ReasonOf(order), "");
}

// TF-A takes the size that stands for more than 2 TiB for a mistake.
TEST(LayoutOrder, RefusesADiskWhoseMbrTfAWouldNotTake) {
  CreateOrder order = SdOrder();
  order.size = std::uint64_t{2} << 40;
  EXPECT_EQ(ReasonOf(order), "MBR_RANGE");
  order.size = (std::uint64_t{2} << 40) - 512;
  EXPECT_EQ(ReasonOf(order), "");
}

TEST(LayoutOrder, RefusesATrialWithNothingToFallBackTo) {
  CreateOrder order = SdOrder();
  order.metadata = SampleMetadata(2, "valid,invalid");
  EXPECT_EQ(ReasonOf(order), "NO_BANK");
}

TEST(LayoutOrder, ReadsSizesAndPartitions) {
  EXPECT_EQ(*ParseSize("512"), 512u);
  EXPECT_EQ(*ParseSize("256K"), 256u << 10);
  EXPECT_EQ(*ParseSize("0x40M"), 64u << 20);
  EXPECT_EQ(*ParseSize("4T"), std::uint64_t{4} << 40);
  for (const char* bad : {"", "K", "0", "0M", "5T", "4097G", "-1", "1.5M", "1m",
                          "18446744073709551615", "012", "nan"}) {
    EXPECT_EQ(base::ReasonOf(ParseSize(bad).status()), "SIZE_INVALID") << bad;
  }
  const std::string longest(35, 'a');
  EXPECT_EQ(ParsePartition(longest + ":1M:linux")->name, longest);
  for (const std::string& bad :
       {std::string("a"), std::string("a:1M"), std::string(":1M:linux"),
        std::string("a:1M:linux:fip-a:x"), std::string("a b:1M:linux"),
        std::string("\xc3\xa4:1M:linux"), longest + "a:1M:linux",
        std::string("a:513:linux"),
        std::string("a:1M:00000000-0000-0000-0000-000000000000"),
        std::string("a:1M:linux:00000000-0000-0000-0000-000000000000")}) {
    EXPECT_EQ(base::ReasonOf(ParsePartition(bad).status()), "PARTITION_INVALID")
        << bad;
  }
  EXPECT_EQ(base::ReasonOf(ParsePartition("a:x:linux").status()),
            "SIZE_INVALID");
  EXPECT_EQ(base::ReasonOf(ParsePartition("a:1M:x").status()), "GUID_INVALID");
  EXPECT_EQ(base::ReasonOf(ParsePartition("a:1M:linux:x").status()),
            "GUID_INVALID");
}

TEST(LayoutOrder, HasRoomForAsManyPartitionsAsATableAndNoMore) {
  CreateOrder order = SdOrder();
  for (int i = 0; i < 121; ++i) {
    order.partitions.push_back(
        *ParsePartition(absl::StrCat("p", i, ":4K:linux")));
  }
  EXPECT_EQ(ReasonOf(order), "");
  order.partitions.push_back(*ParsePartition("last:4K:linux"));
  EXPECT_EQ(ReasonOf(order), "PARTITION_INVALID");
}

TEST(LayoutImage, RefusesWhatLiesOverSomethingElseOrOutside) {
  FlashImage image(100, std::byte{0xff});
  ASSERT_TRUE(image.Put(10, "abc").ok());
  for (const std::uint64_t offset : {8u, 9u, 10u, 12u, 99u, 101u}) {
    EXPECT_EQ(base::ReasonOf(image.Put(offset, "xyz")), "FLASH_RANGE")
        << offset;
  }
  EXPECT_TRUE(image.Put(13, "d").ok());
  EXPECT_TRUE(image.Put(7, "xyz").ok());
  EXPECT_EQ(BytesOf(image).substr(6, 9), "\xffxyzabcd\xff");
  std::array<std::byte, 4> buffer{};
  EXPECT_FALSE(image.ReadAt(97, buffer).ok());
  EXPECT_TRUE(image.ReadAt(96, buffer).ok());
}

// Bootseal's bootloader itself reads it.
class ImageDisk final : public image::gpt::Disk {
 public:
  explicit ImageDisk(const std::string& bytes) : bytes_(bytes) {}
  std::uint64_t sectors() const override { return bytes_.size() / kSector; }
  image::Error Read(std::uint64_t sector, image::MutableBytes to) override {
    image::Copy(image::host::AsBytes(bytes_).subspan(sector * kSector, kSector),
                to);
    return image::Error::kOk;
  }

 private:
  const std::string& bytes_;
};

TEST(LayoutImage, IsReadByTheBootloadersOwnTable) {
  ImageDisk disk(GoodFlash("sd"));
  const auto table = image::gpt::Table::Open(disk);
  ASSERT_TRUE(table.ok());
  EXPECT_FALSE(table->from_backup());
  EXPECT_TRUE(table->FindByUnique(disk, image::guids::kFipB).ok());
  EXPECT_TRUE(table->FindByName(disk, image::host::AsBytes("metadata2")).ok());
}

}  // namespace
}  // namespace bootseal::layout
