// Flash that is damaged: tables, ends, banks, at every place and size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/byte_source.h"
#include "tests/client/layout/sample_flash.h"

namespace bootseal::layout {
namespace {

using image::host::MetadataReader;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Report CheckSd(absl::string_view bytes) {
  return CheckBytes(bytes, BuildOf("sd"));
}

Build Ours(absl::string_view store) {
  return {*FindBoard("stm32mp157"), *FindStore(store),
          *FindGeneration(MetadataReader::kBootseal)};
}

void ExpectOne(const Report& report, const std::string& reason,
               Severity severity) {
  EXPECT_THAT(ReasonsOf(report), ElementsAre(reason));
  EXPECT_EQ(SeverityOf(report, reason), severity);
  EXPECT_EQ(report.bootable(), severity != Severity::kBootsNot);
}

std::uint64_t LastSector(const std::string& flash) {
  return flash.size() / kSector - 1;
}

TEST(LayoutDamage, AnMbrThatIsNotProtectiveIsNoDiskForTfA) {
  const std::string& good = GoodFlash("sd");
  for (const auto& [at, value, reason] :
       std::vector<std::tuple<std::size_t, char, const char*>>{
           {510, 0, "MBR_SIGNATURE"},
           {511, 0, "MBR_SIGNATURE"},
           {450, '\x83', "MBR_TYPE"},
           {454, 2, "MBR_RANGE"}}) {
    std::string flash = good;
    flash[at] = value;
    ExpectOne(CheckSd(flash), reason, Severity::kBootsNot);
    ExpectOne(CheckBytes(flash, Ours("sd")), reason, Severity::kDegraded);
  }
  for (const char fill : {'\0', '\xff'}) {
    std::string flash = good;
    Overwrite(flash, 458, std::string(4, fill));
    ExpectOne(CheckSd(flash), "MBR_RANGE", Severity::kBootsNot);
  }
}

TEST(LayoutDamage, TheBackupTableDoesNotHelpTfAAndHelpsOurs) {
  for (const std::size_t at :
       {std::size_t{512}, std::size_t{540}, std::size_t{512 + 88},
        std::size_t{1024}, std::size_t{1024 + 600}}) {
    std::string flash = GoodFlash("sd");
    flash[at] ^= 1;
    const Report report = CheckSd(flash);
    ExpectOne(report, "GPT_PRIMARY", Severity::kBootsNot);
    EXPECT_THAT(report.findings[0].fix,
                AllOf(HasSubstr("sgdisk --move-second-header disk.img"),
                      HasSubstr("bootseal-fwu repair")));
    EXPECT_EQ(report.evidence.partitions()->sector, LastSector(flash));
    ExpectOne(CheckBytes(flash, Ours("sd")), "GPT_PRIMARY",
              Severity::kDegraded);
  }
}

TEST(LayoutDamage, ADamagedBackupIsAWarning) {
  std::string flash = GoodFlash("sd");
  flash[LastSector(flash) * kSector + 20] ^= 1;
  const Report report = CheckSd(flash);
  ExpectOne(report, "GPT_BACKUP", Severity::kDegraded);
  EXPECT_EQ(report.findings[0].offset, LastSector(flash) * kSector);
}

TEST(LayoutDamage, BothTablesDamagedLeaveNothing) {
  std::string flash = GoodFlash("sd");
  flash[520] ^= 1;
  flash[LastSector(flash) * kSector + 20] ^= 1;
  for (const Build& build : {BuildOf("sd"), Ours("sd")}) {
    const Report report = CheckBytes(flash, build);
    EXPECT_FALSE(report.bootable());
    EXPECT_THAT(ReasonsOf(report), Contains("GPT_MISSING"));
    EXPECT_TRUE(report.evidence.banks.empty());
  }
}

TEST(LayoutDamage, TablesThatDifferAreTold) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Rename("u-boot-env", "env");
  std::string flash = disk.Sealed();
  Overwrite(flash, 0, GoodFlash("sd").substr(0, 34 * kSector));
  ExpectOne(CheckSd(flash), "GPT_DIFFERS", Severity::kDegraded);
}

// As dd leaves it on a larger card.
TEST(LayoutDamage, ABackupThatIsNotAtTheEndIsTold) {
  const std::string flash = GoodFlash("sd") + std::string(1 << 20, '\0');
  const Report report = CheckSd(flash);
  ExpectOne(report, "GPT_BACKUP_PLACE", Severity::kDegraded);
  EXPECT_THAT(report.findings[0].fix, HasSubstr("--move-second-header"));
}

TEST(LayoutDamage, ACutDiskIsTold) {
  const std::string flash = GoodFlash("sd").substr(0, 12 << 20);
  const Report report = CheckSd(flash);
  EXPECT_TRUE(report.bootable()) << FormatText(report);
  EXPECT_THAT(ReasonsOf(report), ElementsAre("GPT_BACKUP", "DISK_TRUNCATED"));
}

TEST(LayoutDamage, ABankThatLiesBehindACutDoesNotBoot) {
  const std::string flash = GoodFlash("sd").substr(0, 3 << 20);
  const Report report = CheckSd(flash);
  EXPECT_FALSE(report.bootable());
  EXPECT_THAT(ReasonsOf(report), Contains("PARTITION_OUTSIDE"));
}

TEST(LayoutDamage, EntriesBehindThe34SectorsOfTfAAreNotRead) {
  std::string flash = GoodFlash("sd");
  image::gpt::Header header = *image::gpt::ReadHeader(
      std::as_bytes(std::span(flash)).subspan(kSector, kSector), 1,
      flash.size() / kSector);
  // Where the environment was, out of the usable sectors.
  const std::uint64_t place = header.last_usable - 40;
  Overwrite(flash, place * kSector, flash.substr(2 * kSector, 32 * kSector));
  header.entries_sector = place;
  header.last_usable = place - 1;
  image::gpt::WriteHeader(
      header,
      std::as_writable_bytes(std::span(flash)).subspan(kSector, kSector));
  ExpectOne(CheckSd(flash), "GPT_ENTRIES_PLACE", Severity::kBootsNot);
}

TEST(LayoutDamage, PartitionsThatOverlapAreTold) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Named("u-boot-env").first = disk.Named("fip-b").last;
  const Report report = CheckSd(disk.Sealed());
  ExpectOne(report, "PARTITIONS_OVERLAP", Severity::kDegraded);
  EXPECT_THAT(report.findings[0].found,
              AllOf(HasSubstr("fip-b"), HasSubstr("u-boot-env")));
}

TEST(LayoutDamage, APartitionThatEndsBeforeItBeginsIsTold) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Named("fip-a").last = disk.Named("fip-a").first - 1;
  const Report report = CheckSd(disk.Sealed());
  EXPECT_FALSE(report.bootable());
  EXPECT_THAT(ReasonsOf(report), Contains("PARTITION_OUTSIDE"));
}

TEST(LayoutDamage, BanksOfDifferentSizesAreTold) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Named("fip-b").last -= 1;
  ExpectOne(CheckSd(disk.Sealed()), "BANK_SIZES", Severity::kDegraded);
}

TEST(LayoutDamage, TheBankThatBootsHasToHoldAFip) {
  std::string flash = GoodFlash("sd");
  flash[0x104400] ^= 1;
  ExpectOne(CheckSd(flash), "FIP_MAGIC", Severity::kBootsNot);
  const Report ours = CheckBytes(flash, Ours("sd"));
  ExpectOne(ours, "FIP_MAGIC", Severity::kDegraded);
  EXPECT_EQ(ours.evidence.first_boot.bank, 1);
  EXPECT_EQ(ours.evidence.first_boot.reason, image::fwu::BootReason::kFailed);
}

TEST(LayoutDamage, TheOtherBankIsWhatAFallbackWouldFind) {
  std::string flash = GoodFlash("sd");
  flash[0x504400] ^= 1;
  ExpectOne(CheckSd(flash), "FIP_MAGIC", Severity::kDegraded);
  const std::string metadata = SampleMetadata(2, "accepted,invalid");
  Overwrite(flash, 0x84400, metadata);
  Overwrite(flash, 0xc4400, metadata);
  EXPECT_THAT(CheckSd(flash).findings, IsEmpty());
}

TEST(LayoutDamage, OneFirstStageBootloaderIsEnoughAndNoneIsNot) {
  std::string flash = GoodFlash("sd");
  flash[0x4400 + 0x180] ^= 1;
  ExpectOne(CheckSd(flash), "FSBL_CHECKSUM", Severity::kDegraded);
  Overwrite(flash, 0x44400, std::string(0x40000, '\0'));
  const Report report = CheckSd(flash);
  EXPECT_FALSE(report.bootable());
  EXPECT_THAT(ReasonsOf(report), ElementsAre("FSBL_CHECKSUM", "FSBL_BLANK"));
}

TEST(LayoutDamage, FsblPartitionsWithoutTheirNamesAreTold) {
  EditedDisk disk(GoodFlash("sd"));
  disk.Rename("fsbl2", "second");
  ExpectOne(CheckSd(disk.Sealed()), "FSBL_PARTITION_MISSING",
            Severity::kDegraded);
}

TEST(LayoutDamage, AnotherBoardsFirstStageBootloaderDoesNotStart) {
  const Report report =
      CheckBytes(GoodFlash("sd"), BuildOf("sd", 2, "stm32mp135"));
  ExpectOne(report, "FSBL_HEADER_VERSION", Severity::kBootsNot);
}

// States.
struct Choice {
  const char* states;
  std::uint32_t version;
  int first;  // bank, -1: none
  int later;
  const char* reason;
};

class LayoutChoice : public testing::TestWithParam<Choice> {};

TEST_P(LayoutChoice, IsThatOfTheBootloader) {
  const Choice& each = GetParam();
  std::string flash = GoodFlash("sd", each.version);
  const std::string metadata = SampleMetadata(each.version, each.states);
  Overwrite(flash, 0x84400, metadata);
  Overwrite(flash, 0xc4400, metadata);
  const Report report = CheckBytes(flash, BuildOf("sd", each.version));
  EXPECT_EQ(report.evidence.first_boot.bank.value_or(255),
            each.first < 0 ? 255 : each.first);
  EXPECT_EQ(report.evidence.later.bank.value_or(255),
            each.later < 0 ? 255 : each.later);
  if (*each.reason == '\0') {
    EXPECT_THAT(report.findings, IsEmpty());
  } else {
    EXPECT_THAT(ReasonsOf(report), ElementsAre(each.reason));
  }
}

INSTANTIATE_TEST_SUITE_P(
    States, LayoutChoice,
    testing::Values(Choice{"accepted,accepted", 2, 0, 0, ""},
                    Choice{"accepted,invalid", 2, 0, 0, ""},
                    Choice{"valid,accepted", 2, 1, 0, "TRIAL_AT_FIRST_BOOT"},
                    Choice{"valid,valid", 2, 1, 0, "TRIAL_AT_FIRST_BOOT"},
                    Choice{"valid,invalid", 2, -1, 0, "NO_BANK"},
                    Choice{"accepted,accepted", 1, 0, 0, ""},
                    // Up to 2.10 any previous bank will do.
                    Choice{"valid,valid", 1, 1, 0, "TRIAL_AT_FIRST_BOOT"},
                    Choice{"valid,accepted", 1, 1, 0, "TRIAL_AT_FIRST_BOOT"}));

TEST(LayoutRaw, IsJudgedByTheSameRules) {
  for (const char* store : {"nor", "nand"}) {
    const Place& primary = *FindPlace(*FindStore(store), "metadata1");
    std::string flash = GoodFlash(store);
    flash[primary.offset + 30] ^= 1;
    ExpectOne(CheckBytes(flash, BuildOf(store)), "METADATA_CRC",
              Severity::kDegraded);
    Overwrite(flash, primary.offset, std::string(0x40000, '\xff'));
    ExpectOne(CheckBytes(flash, BuildOf(store)), "METADATA_BLANK",
              Severity::kDegraded);
    const Place& secondary = *FindPlace(*FindStore(store), "metadata2");
    Overwrite(flash, secondary.offset, std::string(0x40000, '\xff'));
    ExpectOne(CheckBytes(flash, BuildOf(store)), "METADATA_BLANK",
              Severity::kBootsNot);
  }
}

TEST(LayoutRaw, ACutFlashHasNoRoomForAnUpdate) {
  const Report report =
      CheckBytes(GoodFlash("nor").substr(0, 0x880000), BuildOf("nor"));
  ExpectOne(report, "BANK_OUTSIDE", Severity::kDegraded);
}

TEST(LayoutRaw, AnotherGuidThanTfAsIsNoPlace) {
  const std::string metadata =
      SampleMetadata(2, "accepted,accepted",
                     {"fip:11111111-2222-4333-8444-555555555555,fip-b"});
  std::string flash = GoodFlash("nor");
  Overwrite(flash, 0x80000, metadata);
  Overwrite(flash, 0xc0000, metadata);
  ExpectOne(CheckBytes(flash, BuildOf("nor")), "BANK_GUID_UNKNOWN",
            Severity::kBootsNot);
}

TEST(LayoutOrderless, IsJudgedByWhatItLooksLike) {
  for (const char* store : {"sd", "nor", "nand"}) {
    for (const std::uint32_t version : {1u, 2u}) {
      const auto source = fwu::FromMemory(GoodFlash(store, version));
      const auto report = CheckFlash(*source, CheckOrder(), "x");
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->evidence.build.store.name, store);
      EXPECT_EQ(report->evidence.build.generation.metadata_version, version);
      EXPECT_THAT(report->findings, IsEmpty()) << FormatText(*report);
    }
  }
  const std::string nothing(1 << 20, '\0');
  const auto source = fwu::FromMemory(nothing);
  EXPECT_EQ(base::ReasonOf(CheckFlash(*source, CheckOrder(), "x").status()),
            "STORE_UNKNOWN");
}

void CheckEveryWay(absl::string_view bytes) {
  const auto source = fwu::FromMemory(bytes);
  for (const StoreLayout& store : Stores()) {
    for (const Generation& generation : Generations()) {
      const Report report = CheckFlash(
          *source, Build{Boards()[0], store, generation}, "disk.img");
      EXPECT_FALSE(FormatText(report).empty());
      EXPECT_FALSE(FormatJson(report).empty());
    }
  }
}

// Sizes around every place of every store, and those of no sector.
TEST(LayoutTruncation, EndsNoCheck) {
  for (const StoreLayout& store : Stores()) {
    const std::string& flash = GoodFlash(store.name);
    std::vector<std::size_t> sizes{0,   1,    92,   445,  511,  512,   513,
                                   604, 1023, 1024, 1535, 1536, 17407, 17408};
    for (const Place& place : store.places) {
      for (const std::uint64_t at :
           {place.offset, place.offset + 1, place.offset + 40,
            place.offset + 119, place.offset + 4096}) {
        sizes.push_back(at);
      }
    }
    for (const std::size_t size : sizes) {
      const absl::string_view cut = absl::string_view(flash).substr(0, size);
      CheckEveryWay(cut);
      if (size >= store.places.back().offset) continue;
      EXPECT_THAT(CheckBytes(cut, BuildOf(store.name)).findings, Not(IsEmpty()))
          << store.name << " " << size;
    }
  }
}

// Every byte of MBR, GPT header and entries, and of both replicas counts.
TEST(LayoutDamage, OfAnyByteThatATableHasIsNoticed) {
  std::string flash = GoodFlash("sd");
  std::vector<std::size_t> offsets;
  for (std::size_t at = 512; at < 512 + 92; at += 3) offsets.push_back(at);
  for (std::size_t at = 1024; at < 34 * 512; at += 97) offsets.push_back(at);
  for (std::size_t at = 0x84400; at < 0x84400 + 120; ++at) {
    offsets.push_back(at);
  }
  for (std::size_t at = 0xc4400; at < 0xc4400 + 120; ++at) {
    offsets.push_back(at);
  }
  for (const std::size_t at : offsets) {
    flash[at] ^= 0x10;
    EXPECT_FALSE(CheckSd(flash).findings.empty()) << at;
    flash[at] ^= 0x10;
  }
}

TEST(LayoutDamage, OfManyBytesEndsNoCheck) {
  std::mt19937 random(5);
  for (int round = 0; round < 100; ++round) {
    std::string flash = GoodFlash("sd").substr(0, 1 << 20);
    for (int i = 0; i < 30; ++i) {
      flash[random() % (i < 20 ? 17408 : flash.size())] =
          static_cast<char>(random());
    }
    CheckEveryWay(flash);
  }
}

}  // namespace
}  // namespace bootseal::layout
