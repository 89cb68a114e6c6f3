// Tables that sgdisk makes: layouts of OpenSTLinux, and other counts of
// entries.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "tests/firmware/image/gpt/memory_disk.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::gpt;
namespace guids = image::guids;

constexpr std::size_t kDiskBytes = 10 << 20;

MemoryDisk MadeBySgdisk(std::vector<std::string> options) {
  const TemporaryFolder folder;
  const std::string path = folder.File("disk.img");
  std::ofstream(path).put('\0').seekp(kDiskBytes - 1).put('\0');
  options.insert(options.begin(), "/usr/sbin/sgdisk");
  options.push_back(path);
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  std::ifstream file(path, std::ios::binary);
  return MemoryDisk({std::istreambuf_iterator<char>(file), {}});
}

const std::vector<std::string>& CardLayout() {
  static const auto* layout = new std::vector<std::string>{
      "-a", "1",
      "-n", "1:34:+256K",
      "-c", "1:fsbl1",
      "-t", "1:8da63339-0007-60c0-c436-083ac8230908",
      "-n", "2:546:+256K",
      "-c", "2:fsbl2",
      "-t", "2:8da63339-0007-60c0-c436-083ac8230908",
      "-n", "3:1058:+256K",
      "-c", "3:metadata1",
      "-t", "3:8a7a84a0-8387-40f6-ab41-a8b9a5a60d23",
      "-n", "4:1570:+256K",
      "-c", "4:metadata2",
      "-t", "4:8a7a84a0-8387-40f6-ab41-a8b9a5a60d23",
      "-n", "5:2082:+4M",
      "-c", "5:fip-a",
      "-t", "5:19d5df83-11b0-457b-be2c-7559c13142a5",
      "-u", "5:4fd84c93-54ef-463f-a7ef-ae25ff887087",
      "-n", "6:10274:+4M",
      "-c", "6:fip-b",
      "-t", "6:19d5df83-11b0-457b-be2c-7559c13142a5",
      "-u", "6:09c54952-d5bf-45af-acee-335303766fb3"};
  return *layout;
}

TEST(GptOfSgdisk, HasThePartitionsOfACard) {
  MemoryDisk disk = MadeBySgdisk(CardLayout());
  const auto table = Table::Open(disk);
  ASSERT_TRUE(table.ok()) << NameOf(table.error());
  EXPECT_FALSE(table->from_backup());
  const auto a = table->FindByUnique(disk, guids::kFipA);
  ASSERT_TRUE(a.ok()) << NameOf(a.error());
  EXPECT_EQ(a->first, 2082u);
  EXPECT_EQ(a->bytes(), 4u << 20);
  EXPECT_EQ(table->FindByName(disk, AsBytes("fip-b"))->first, 10274u);
  EXPECT_EQ(table->FindByName(disk, AsBytes("fip-b"))->unique, guids::kFipB);
  EXPECT_EQ(table->FindByType(disk, guids::kMetadata)->first, 1058u);
  EXPECT_EQ(table->FindByName(disk, AsBytes("metadata2"))->first, 1570u);
  EXPECT_EQ(table->FindByType(disk, guids::kFsbl)->first * kSectorBytes,
            0x4400u);
}

TEST(GptOfSgdisk, IsReadFromItsBackupAndWrittenAsItIs) {
  MemoryDisk disk = MadeBySgdisk(CardLayout());
  disk.bytes().replace(kSectorBytes, 33 * kSectorBytes, 33 * kSectorBytes,
                       '\0');
  const auto table = Table::Open(disk);
  ASSERT_TRUE(table.ok()) << NameOf(table.error());
  EXPECT_TRUE(table->from_backup());
  EXPECT_EQ(NameOf(table->primary_error()), "GPT_SIGNATURE");
  EXPECT_EQ(table->FindByUnique(disk, guids::kFipB)->first, 10274u);
  std::array<std::byte, kSectorBytes> sector;
  WriteHeader(table->header(), sector);
  EXPECT_EQ(ToString(sector), disk.bytes().substr(kDiskBytes - kSectorBytes));
}

TEST(GptOfSgdisk, MayHaveOtherCountsOfEntries) {
  for (const char* count : {"4", "6", "56", "126"}) {
    MemoryDisk disk =
        MadeBySgdisk({"-a", "1", "-S", count, "-n", "1:2048:4095", "-c",
                      "1:fip", "-u", "1:4fd84c93-54ef-463f-a7ef-ae25ff887087"});
    const auto table = Table::Open(disk);
    ASSERT_TRUE(table.ok()) << count << " " << NameOf(table.error());
    EXPECT_FALSE(table->from_backup());
    EXPECT_EQ(table->FindByUnique(disk, guids::kFipA)->first, 2048u);
  }
}

}  // namespace
}  // namespace bootseal::tests
