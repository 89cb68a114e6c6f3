#include "client/fwu/storage.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "client/fwu/file_storage.h"
#include "client/fwu/gpt_storage.h"
#include "client/fwu/instance_lock.h"
#include "client/fwu/number_source.h"
#include "client/fwu/raw_flash_storage.h"
#include "firmware/image/gpt/gpt.h"
#include "firmware/image/host/convert.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::fwu {
namespace {

using image::host::AsBytes;
using tests::StatusIs;
using Code = absl::StatusCode;

class StorageOfAFile : public testing::Test {
 protected:
  StorageOfAFile() : path_(folder_.File("flash")) {
    EXPECT_OK(base::WriteFileAtomically(path_, std::string(8192, 'a')));
  }
  std::string Content() { return *base::ReadFile(path_, 1 << 20); }

  tests::TemporaryFolder folder_;
  std::string path_;
};

TEST_F(StorageOfAFile, IsReadAnywhereAndWrittenInUnits) {
  auto storage = OpenFileStorage(path_, 512, Access::kReadWrite);
  ASSERT_OK(storage);
  ASSERT_OK((*storage)->Write(512, AsBytes(std::string(512, 'b'))));
  ASSERT_OK((*storage)->Flush());
  std::vector<std::byte> three(3);
  ASSERT_OK((*storage)->Read(511, three));
  EXPECT_EQ(image::host::ToString(three), "abb");
  EXPECT_THAT((*storage)->Write(100, AsBytes(std::string(512, 'b'))),
              StatusIs(Code::kInvalidArgument, "STORAGE_RANGE"));
  EXPECT_THAT((*storage)->Write(512, AsBytes(std::string(100, 'b'))),
              StatusIs(Code::kInvalidArgument, "STORAGE_RANGE"));
  EXPECT_THAT((*storage)->Write(8192, AsBytes(std::string(512, 'b'))),
              StatusIs(Code::kInvalidArgument, "STORAGE_RANGE"));
  EXPECT_THAT((*storage)->Read(8190, three),
              StatusIs(Code::kInvalidArgument, "STORAGE_RANGE"));
}

TEST_F(StorageOfAFile, OfRawFlashErasesABlockBeforeItPrograms) {
  auto storage = OpenRawFlashStorage(path_, 4096, Access::kReadWrite);
  ASSERT_OK(storage);
  ASSERT_OK((*storage)->Write(4096, AsBytes(std::string(4096, 'b'))));
  ASSERT_OK((*storage)->Flush());
  EXPECT_EQ(Content(), std::string(4096, 'a') + std::string(4096, 'b'));
  EXPECT_THAT((*storage)->Write(0, AsBytes(std::string(512, 'b'))),
              StatusIs(Code::kInvalidArgument, "STORAGE_RANGE"));
}

TEST_F(StorageOfAFile, WantsAUnitThatFits) {
  for (const std::uint32_t unit : {0u, 1u, 511u, 1024u}) {
    EXPECT_THAT(OpenFileStorage(path_, unit, Access::kRead),
                StatusIs(Code::kInvalidArgument, "UNIT_INVALID"))
        << unit;
  }
  for (const std::uint32_t unit : {0u, 256u, 1000u, 16384u}) {
    EXPECT_THAT(OpenRawFlashStorage(path_, unit, Access::kRead),
                StatusIs(Code::kInvalidArgument, "UNIT_INVALID"))
        << unit;
  }
}

TEST_F(StorageOfAFile, ThatIsNotThereIsNamed) {
  EXPECT_THAT(OpenFileStorage(folder_.File("x"), 512, Access::kRead),
              StatusIs(Code::kNotFound, "FILE_NOT_FOUND"));
  EXPECT_FALSE(OpenFileStorage(folder_.path(), 512, Access::kRead).ok());
  EXPECT_FALSE(OpenFileStorage("/dev/null", 512, Access::kReadWrite).ok());
  EXPECT_FALSE(OpenRawFlashStorage("/dev/null", 4096, Access::kRead).ok());
}

TEST_F(StorageOfAFile, OpenedToReadIsNotWritten) {
  auto storage = OpenFileStorage(path_, 512, Access::kRead);
  ASSERT_OK(storage);
  EXPECT_THAT((*storage)->Write(0, AsBytes(std::string(512, 'b'))),
              StatusIs(Code::kUnavailable, "STORAGE_WRITE"));
}

TEST(Placements, MustBeInsideWholeAndApart) {
  SimulatedFlash flash(std::string(8192, '\0'), 512, Medium::kBlock);
  const Placement good{{{{0, 512}, {512, 512}}},
                       {{BankGuid(0, 0), {1024, 1024}}}};
  EXPECT_OK(CheckPlacement(flash, good));
  for (const Range& bad :
       {Range{1024, 0}, Range{1000, 512}, Range{1024, 500}, Range{512, 1024},
        Range{8192, 512}, Range{7680, 1024}, Range{~0ull - 511, 512}}) {
    Placement placement = good;
    placement.images[0].range = bad;
    EXPECT_THAT(CheckPlacement(flash, placement),
                StatusIs(Code::kInvalidArgument, "PLACEMENT_INVALID"))
        << bad.offset << "+" << bad.size;
  }
}

class GptOfADevice : public testing::Test {
 protected:
  GptOfADevice() : device_(DeviceOptions{}) {
    using image::fwu::BankState;
    device_.StoreMetadata(MakeMetadata(
        device_.options(), 0, 1, {BankState::kAccepted, BankState::kAccepted}));
  }
  SimulatedFlash Flash() {
    return SimulatedFlash(device_.content.flash, 512, Medium::kBlock);
  }
  void Damage(std::uint64_t offset) { device_.content.flash[offset] ^= 1; }
  std::uint64_t Last() { return device_.content.flash.size() - 512; }

  SimulatedDevice device_;
};

TEST_F(GptOfADevice, SaysWhereEverythingIs) {
  SimulatedFlash flash = Flash();
  const auto found = FindInGpt(flash, {2, 1});
  ASSERT_OK(found);
  EXPECT_EQ(found->metadata[1].offset, device_.placement().metadata[1].offset);
  EXPECT_EQ(found->Find(BankGuid(0, 1))->offset,
            device_.placement().images[1].range.offset);
  EXPECT_EQ(found->Find(BankGuid(3, 3)), nullptr);
}

TEST_F(GptOfADevice, IsTakenFromTheBackupWhenThePrimaryIsDamaged) {
  for (const std::uint64_t offset : {512u, 512u + 16, 1024u + 33}) {
    Damage(offset);
    SimulatedFlash flash = Flash();
    EXPECT_OK(FindInGpt(flash, {2, 1}));
    EXPECT_NE(InspectGpt(flash).primary, image::Error::kOk);
    EXPECT_EQ(InspectGpt(flash).backup, image::Error::kOk);
    ASSERT_OK(RepairGpt(flash));
    EXPECT_EQ(InspectGpt(flash), GptHealth());
    Damage(offset);
    EXPECT_EQ(flash.bytes(), device_.content.flash);
  }
}

TEST_F(GptOfADevice, HasItsBackupRepaired) {
  const std::string good = device_.content.flash;
  Damage(Last() + 20);
  Damage(Last() - 32 * 512);
  SimulatedFlash flash = Flash();
  EXPECT_NE(InspectGpt(flash).backup, image::Error::kOk);
  ASSERT_OK(RepairGpt(flash));
  EXPECT_EQ(flash.bytes(), good);
}

TEST_F(GptOfADevice, DamagedTwiceIsNamedAndLeftAlone) {
  Damage(512 + 16);
  Damage(Last() + 16);
  SimulatedFlash flash = Flash();
  EXPECT_THAT(FindInGpt(flash, {2, 1}),
              StatusIs(Code::kFailedPrecondition, "GPT_CRC"));
  EXPECT_THAT(RepairGpt(flash), StatusIs(Code::kFailedPrecondition, "GPT_CRC"));
  EXPECT_EQ(flash.bytes(), device_.content.flash);
}

// As after a copy to a card that is not as large, or larger.
TEST_F(GptOfADevice, OfADiskOfAnotherSizeIsNotWrittenAmongItsPartitions) {
  const std::string good = device_.content.flash;
  for (const std::size_t size : {good.size() - 512, good.size() - 20 * 512,
                                 good.size() + 512, good.size() + 64 * 512}) {
    device_.content.flash = good;
    device_.content.flash.resize(size);
    SimulatedFlash flash = Flash();
    EXPECT_OK(FindInGpt(flash, {2, 1})) << size;
    EXPECT_NE(InspectGpt(flash).backup, image::Error::kOk) << size;
    EXPECT_THAT(RepairGpt(flash),
                StatusIs(Code::kFailedPrecondition, "GPT_MISPLACED"))
        << size;
    EXPECT_EQ(flash.bytes(), device_.content.flash) << size;
  }
}

TEST_F(GptOfADevice, WithItsPrimaryLostIsNotWrittenOverAPartition) {
  // The backup says that partitions begin where the primary's entries were.
  const auto header = image::gpt::ReadHeader(
      image::host::AsBytes(
          absl::string_view(device_.content.flash).substr(Last(), 512)),
      Last() / 512, Last() / 512 + 1);
  ASSERT_TRUE(header.ok());
  image::gpt::Header moved = *header;
  moved.first_usable = 20;
  std::string sector(512, '\0');
  image::gpt::WriteHeader(
      moved, image::MutableBytes(reinterpret_cast<std::byte*>(sector.data()),
                                 sector.size()));
  device_.content.flash.replace(Last(), 512, sector);
  Damage(512 + 16);
  SimulatedFlash flash = Flash();
  ASSERT_EQ(InspectGpt(flash).backup, image::Error::kOk);
  EXPECT_THAT(RepairGpt(flash),
              StatusIs(Code::kFailedPrecondition, "GPT_MISPLACED"));
  EXPECT_EQ(flash.bytes(), device_.content.flash);
}

TEST_F(GptOfADevice, ThatDoesNotKeepItsRepairIsNamed) {
  Damage(512 + 16);
  SimulatedFlash flash = Flash();
  flash.CorruptReadsAt(512 + 100);
  EXPECT_THAT(RepairGpt(flash),
              StatusIs(Code::kUnavailable, "STORAGE_READBACK"));
}

TEST_F(GptOfADevice, LackingABankIsNamed) {
  auto metadata = device_.MetadataOf(device_.content.flash);
  metadata.images[0].banks[1].guid = BankGuid(5, 5);
  device_.StoreMetadata(metadata);
  SimulatedFlash flash = Flash();
  EXPECT_THAT(FindInGpt(flash, {2, 1}),
              StatusIs(Code::kFailedPrecondition, "PARTITION_MISSING"));
}

TEST(NumberSources, AreReadFromTextAndBinary) {
  const tests::TemporaryFolder folder;
  const std::string text = folder.File("n");
  ASSERT_OK(base::WriteFileAtomically(text, " 0x31\n"));
  EXPECT_EQ(*ReadNumber("n", "file:" + text), 0x31U);
  ASSERT_OK(base::WriteFileAtomically(text, "17"));
  EXPECT_EQ(*ReadNumber("n", "file:" + text), 17U);
  ASSERT_OK(base::WriteFileAtomically(text, std::string("abc\x31\0\0\x01", 7)));
  EXPECT_EQ(*ReadNumber("n", "binary:" + text + "@3"), 0x01000031U);
}

TEST(NumberSources, ThatHoldNoNumberAreNamed) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.File("n");
  for (const char* content : {"", "x", "-1", "4294967296", "0x", "1 2"}) {
    ASSERT_OK(base::WriteFileAtomically(path, content));
    EXPECT_THAT(ReadNumber("n", "file:" + path),
                StatusIs(Code::kFailedPrecondition, "NUMBER_INVALID"))
        << content;
  }
  EXPECT_FALSE(ReadNumber("n", "binary:" + path + "@1").ok());
  EXPECT_FALSE(ReadNumber("n", "file:" + folder.File("none")).ok());
}

TEST(NumberSources, OfNoKindAreRefused) {
  for (const char* source :
       {"", "/etc/n", "file:", "binary:x", "binary:@3", "binary:x@y",
        "devmem:5", "devmem:tamp", "http:1"}) {
    EXPECT_THAT(CheckNumberSource("n", source),
                StatusIs(Code::kInvalidArgument, "SOURCE_INVALID"))
        << source;
  }
}

TEST(NumberSources, AreWrittenInBinaryAlone) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.File("n");
  ASSERT_OK(base::WriteFileAtomically(path, "0123456789"));
  ASSERT_OK(WriteNumber("n", "binary:" + path + "@4", 0x44434241));
  EXPECT_EQ(*base::ReadFile(path, 100), "0123ABCD89");
  EXPECT_THAT(WriteNumber("n", "file:" + path, 1),
              StatusIs(Code::kInvalidArgument, "SOURCE_INVALID"));
  EXPECT_THAT(WriteNumber("n", "binary:/dev/full@0", 1),
              StatusIs(Code::kFailedPrecondition, "FILE_UNWRITABLE"));
  EXPECT_FALSE(WriteNumber("n", "binary:" + folder.File("x") + "@0", 1).ok());
}

TEST(InstanceLocks, AreHeldByOne) {
  const tests::TemporaryFolder folder;
  {
    const auto lock = InstanceLock::Take(folder.File("lock"));
    ASSERT_OK(lock);
    EXPECT_THAT(InstanceLock::Take(folder.File("lock")),
                StatusIs(Code::kFailedPrecondition, "INSTANCE_RUNNING"));
  }
  EXPECT_OK(InstanceLock::Take(folder.File("lock")));
  EXPECT_THAT(InstanceLock::Take(folder.File("no/lock")),
              StatusIs(Code::kFailedPrecondition, "FILE_UNWRITABLE"));
}

}  // namespace
}  // namespace bootseal::fwu
