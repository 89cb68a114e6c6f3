#include "firmware/image/gpt/gpt.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "firmware/image/crc32.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/gpt/memory_disk.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::Error;
using image::Guid;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::gpt;
namespace guids = image::guids;

constexpr std::size_t kPrimary = kSectorBytes;
constexpr std::size_t kEntries = 2 * kSectorBytes;
constexpr std::size_t kBackup = 255 * kSectorBytes;
constexpr std::size_t kBackupEntries = 223 * kSectorBytes;

std::string OpenError(const std::string& bytes) {
  MemoryDisk disk(bytes);
  return NameOf(Table::Open(disk).error());
}

TEST(Gpt, FindsPartitionsByUniqueGuidTypeAndName) {
  MemoryDisk disk(SmallFirmwareDisk());
  const auto table = Table::Open(disk);
  ASSERT_TRUE(table.ok()) << NameOf(table.error());
  EXPECT_FALSE(table->from_backup());
  const auto b = table->FindByUnique(disk, guids::kFipB);
  ASSERT_TRUE(b.ok());
  EXPECT_EQ(b->first, 80u);
  EXPECT_EQ(b->bytes(), 143 * kSectorBytes);
  EXPECT_EQ(table->FindByType(disk, guids::kFip)->unique, guids::kFipA);
  EXPECT_EQ(table->FindByName(disk, AsBytes("metadata1"))->first, 40u);
  EXPECT_EQ(*table->At(disk, 2), *b);
  EXPECT_TRUE(table->At(disk, 3)->type.zero());
}

TEST(Gpt, FindsNothingThatIsNotThere) {
  MemoryDisk disk(SmallFirmwareDisk());
  const auto table = Table::Open(disk);
  const auto named = [&](const std::string& name) {
    return NameOf(table->FindByName(disk, AsBytes(name)).error());
  };
  for (const char* name : {"", "fip", "fip-aa", "fip-A", "metadata2"}) {
    EXPECT_EQ(named(name), "NO_PARTITION") << name;
  }
  EXPECT_EQ(named(std::string(37, 'x')), "NO_PARTITION");
  EXPECT_EQ(NameOf(table->FindByUnique(disk, Guid()).error()), "NO_PARTITION");
  EXPECT_EQ(NameOf(table->FindByType(disk, Guid()).error()), "NO_PARTITION");
  EXPECT_EQ(NameOf(table->At(disk, 128).error()), "NO_PARTITION");
}

TEST(Gpt, FindsANameOf36Letters) {
  const std::string name(36, 'n');
  MemoryDisk disk(PartitionedDisk(
      {NamedPartition(name, guids::kFip, guids::kFipA, 40, 40)}));
  EXPECT_TRUE(Table::Open(disk)->FindByName(disk, AsBytes(name)).ok());
}

TEST(Gpt, IsWrittenAsItIsRead) {
  const std::string disk = SmallFirmwareDisk();
  for (const std::size_t at : {kPrimary, kBackup}) {
    const Bytes sector = AsBytes(disk).subspan(at, kSectorBytes);
    const auto header = ReadHeader(sector, at / kSectorBytes, 256);
    ASSERT_TRUE(header.ok()) << NameOf(header.error());
    std::array<std::byte, kSectorBytes> written;
    WriteHeader(*header, written);
    EXPECT_EQ(ToString(written), ToString(sector));
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const Bytes entry =
        AsBytes(disk).subspan(kEntries + i * kEntryBytes, kEntryBytes);
    std::array<std::byte, kEntryBytes> written;
    WritePartition(*ReadPartition(entry), written);
    EXPECT_EQ(ToString(written), ToString(entry));
  }
}

TEST(Gpt, ADamagedPrimaryIsReplacedByTheBackup) {
  for (std::size_t at = kPrimary; at < kEntries + 3 * kEntryBytes; ++at) {
    MemoryDisk disk(SmallFirmwareDisk());
    disk.bytes()[at] ^= 0x10;
    const auto table = Table::Open(disk);
    ASSERT_TRUE(table.ok()) << at;
    ASSERT_TRUE(table->from_backup()) << at;
    ASSERT_EQ(table->header().own_sector, 255u);
    ASSERT_TRUE(table->FindByUnique(disk, guids::kFipB).ok());
  }
}

TEST(Gpt, OfADamagedBackupThePrimaryIsEnough) {
  MemoryDisk disk(SmallFirmwareDisk());
  disk.bytes().replace(kBackupEntries, kBackup + 512 - kBackupEntries,
                       kBackup + 512 - kBackupEntries, '\xff');
  const auto table = Table::Open(disk);
  ASSERT_TRUE(table.ok());
  EXPECT_FALSE(table->from_backup());
}

TEST(Gpt, DamagedTwiceIsRefusedWithThePrimarysError) {
  std::string disk = SmallFirmwareDisk();
  disk[kBackup + 60] ^= 1;
  disk[kPrimary] ^= 1;
  EXPECT_EQ(OpenError(disk), "GPT_SIGNATURE");
  disk[kPrimary] ^= 1;
  disk[kEntries] ^= 1;
  EXPECT_EQ(OpenError(disk), "GPT_CRC");
  EXPECT_EQ(OpenError(std::string(512 * 64, '\0')), "GPT_SIGNATURE");
}

TEST(Gpt, IsNotLookedForOnATinyDisk) {
  for (const std::size_t size : {0, 511, 512, 1023}) {
    EXPECT_EQ(OpenError(std::string(size, '\0')), "GPT_SIGNATURE");
  }
  EXPECT_EQ(OpenError(SmallFirmwareDisk().substr(0, 1024)), "GPT_HEADER");
}

TEST(Gpt, ASectorThatCannotBeReadIsDamage) {
  for (const std::uint64_t sector : {1, 2, 33}) {
    MemoryDisk disk(SmallFirmwareDisk());
    disk.Break(sector);
    const auto table = Table::Open(disk);
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(NameOf(table->primary_error()), "STORAGE");
  }
  MemoryDisk disk(SmallFirmwareDisk());
  const auto table = Table::Open(disk);
  disk.Break(2);
  EXPECT_EQ(NameOf(table->FindByType(disk, guids::kFip).error()), "STORAGE");
  EXPECT_EQ(NameOf(table->At(disk, 0).error()), "STORAGE");
}

// A header with a CRC that fits.
struct BadHeader {
  const char* what;
  std::function<void(Header&)> change;
};

void PrintTo(const BadHeader& bad, std::ostream* out) { *out << bad.what; }

class GptHeaderRefuses : public testing::TestWithParam<BadHeader> {};

TEST_P(GptHeaderRefuses, WhatDoesNotFitTheDisk) {
  const std::string disk = SmallFirmwareDisk();
  Header header =
      *ReadHeader(AsBytes(disk).subspan(kPrimary, kSectorBytes), 1, 256);
  GetParam().change(header);
  std::array<std::byte, kSectorBytes> sector;
  WriteHeader(header, sector);
  EXPECT_EQ(NameOf(ReadHeader(sector, 1, 256).error()), "GPT_HEADER");
}

constexpr std::uint64_t kHuge = ~std::uint64_t{0};

INSTANTIATE_TEST_SUITE_P(
    Fields, GptHeaderRefuses,
    testing::Values(
        BadHeader{"own sector", [](Header& h) { h.own_sector = 2; }},
        BadHeader{"other sector usable",
                  [](Header& h) { h.other_sector = 40; }},
        BadHeader{"other sector within entries",
                  [](Header& h) { h.other_sector = 33; }},
        BadHeader{"no entries", [](Header& h) { h.entry_count = 0; }},
        BadHeader{"129 entries", [](Header& h) { h.entry_count = 129; }},
        BadHeader{"many entries",
                  [](Header& h) { h.entry_count = 0xffffffff; }},
        BadHeader{"large entries", [](Header& h) { h.entry_size = 256; }},
        BadHeader{"small entries", [](Header& h) { h.entry_size = 64; }},
        BadHeader{"entries in sector 0",
                  [](Header& h) { h.entries_sector = 0; }},
        BadHeader{"entries over header",
                  [](Header& h) { h.entries_sector = 1; }},
        BadHeader{"entries usable", [](Header& h) { h.entries_sector = 3; }},
        BadHeader{"entries in the middle",
                  [](Header& h) { h.entries_sector = 100; }},
        BadHeader{"entries beyond", [](Header& h) { h.entries_sector = 225; }},
        BadHeader{"entries far beyond",
                  [](Header& h) { h.entries_sector = kHuge; }},
        BadHeader{"usable from header", [](Header& h) { h.first_usable = 1; }},
        BadHeader{"usable from 0", [](Header& h) { h.first_usable = 0; }},
        BadHeader{"usable backwards",
                  [](Header& h) { h.first_usable = h.last_usable + 1; }},
        BadHeader{"usable beyond", [](Header& h) { h.last_usable = 256; }},
        BadHeader{"usable far beyond",
                  [](Header& h) { h.last_usable = kHuge; }}));

TEST(GptHeader, OfAnotherSizeOrRevisionOrWithBytesBehindIsRefused) {
  const std::string disk = SmallFirmwareDisk();
  const auto changed = [&](std::size_t at) {
    std::string sector = disk.substr(kPrimary, kSectorBytes);
    sector[at] ^= 1;
    std::string crc_of = sector.substr(0, kHeaderBytes);
    crc_of.replace(16, 4, 4, '\0');
    const std::uint32_t crc = image::Crc32Of(AsBytes(crc_of));
    for (std::size_t i = 0; i < 4; ++i) {
      sector[16 + i] = static_cast<char>(crc >> 8 * i & 0xff);
    }
    return NameOf(ReadHeader(AsBytes(sector), 1, 256).error());
  };
  for (const std::size_t at : {8, 11, 12, 15, 20, 23, 92, 300, 511}) {
    EXPECT_EQ(changed(at), "GPT_HEADER") << at;
  }
}

TEST(GptHeader, CutAtAnyByteIsRefused) {
  const std::string disk = SmallFirmwareDisk();
  for (std::size_t size = 0; size < kHeaderBytes; ++size) {
    const auto header =
        ReadHeader(AsBytes(disk).subspan(kPrimary, size), 1, 256);
    EXPECT_EQ(NameOf(header.error()),
              size < 8 ? "GPT_SIGNATURE" : "GPT_HEADER");
  }
}

TEST(GptEntry, OutsideTheUsableSectorsIsNeverFound) {
  for (const auto& [first, last] :
       {std::pair<std::uint64_t, std::uint64_t>{33, 40},
        {40, 223},
        {50, 49},
        {0, 0},
        {40, kHuge},
        {kHuge, kHuge}}) {
    MemoryDisk disk(PartitionedDisk(
        {NamedPartition("fip-a", guids::kFip, guids::kFipA, first, last)}));
    const auto table = Table::Open(disk);
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(NameOf(table->FindByUnique(disk, guids::kFipA).error()),
              "GPT_ENTRY");
    EXPECT_EQ(NameOf(table->FindByName(disk, AsBytes("fip-a")).error()),
              "GPT_ENTRY");
    EXPECT_EQ(NameOf(table->FindByType(disk, guids::kFip).error()),
              "GPT_ENTRY");
    EXPECT_EQ(NameOf(table->FindByName(disk, AsBytes("other")).error()),
              "NO_PARTITION");
  }
}

TEST(GptEntry, OutsideTheUsableSectorsHidesNoOther) {
  for (const auto& [first, last] :
       {std::pair<std::uint64_t, std::uint64_t>{33, 40},
        {50, 49},
        {0, 0},
        {kHuge, kHuge}}) {
    MemoryDisk disk(PartitionedDisk(
        {NamedPartition("foreign", guids::kMetadata, guids::kFipB, first, last),
         NamedPartition("fip-a", guids::kFip, guids::kFipA, 40, 47)}));
    const auto table = Table::Open(disk);
    ASSERT_TRUE(table.ok());
    for (const auto& found : {table->FindByUnique(disk, guids::kFipA),
                              table->FindByType(disk, guids::kFip),
                              table->FindByName(disk, AsBytes("fip-a"))}) {
      ASSERT_TRUE(found.ok()) << NameOf(found.error());
      EXPECT_EQ(found->first, 40u);
      EXPECT_EQ(found->last, 47u);
    }
    EXPECT_EQ(NameOf(table->FindByUnique(disk, guids::kFipB).error()),
              "GPT_ENTRY");
  }
}

// Of two that match, the first one counts: a sound one behind it is no excuse.
TEST(GptEntry, OutsideTheUsableSectorsIsNotPassedOverForAnother) {
  MemoryDisk disk(PartitionedDisk(
      {NamedPartition("fip-a", guids::kFip, guids::kFipA, 33, 40),
       NamedPartition("fip-a", guids::kFip, guids::kFipA, 40, 47)}));
  const auto table = Table::Open(disk);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(NameOf(table->FindByName(disk, AsBytes("fip-a")).error()),
            "GPT_ENTRY");
}

TEST(GptEntry, CutIsTruncated) {
  const std::string disk = SmallFirmwareDisk();
  for (std::size_t size = 0; size < kEntryBytes; ++size) {
    EXPECT_EQ(
        NameOf(ReadPartition(AsBytes(disk).subspan(kEntries, size)).error()),
        "TRUNCATED");
  }
}

}  // namespace
}  // namespace bootseal::tests
